import {
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { hostname } from "node:os";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { codeOf } from "./failure.mjs";

const POLL_MILLISECONDS = 500;

/** The holder shows this often that it is alive, by the lock's time of change. */
const TOUCH_MILLISECONDS = 10_000;

/** A lock that nobody has touched for this long is nobody's, on whatever host its holder was. */
const STALE_MILLISECONDS = 60_000;

/** A lock without readable content is given this long; then its writer was killed while creating it. */
const UNREADABLE_MILLISECONDS = 10_000;

/**
 * Runs `work` while holding a lock file, so that two bootstraps do not install the same thing twice.
 * The lock of a process that no longer runs is taken over; any other one is waited for.
 * @template T
 * @param {string} file
 * @param {(line: string) => void} log
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withLock(file, log, work) {
  mkdirSync(dirname(file), { recursive: true });
  let announced = false;
  while (!tryAcquire(file)) {
    const holder = readHolder(file);
    if (holder !== undefined && isDead(holder)) {
      takeAway(file, holder.text);
    } else {
      if (!announced) {
        log(
          `waiting for another bootstrap (process ${holder?.pid || "unknown"}); if none runs, \`rm ${file}\``,
        );
      }
      announced = true;
      await sleep(POLL_MILLISECONDS);
    }
  }
  const heartbeat = setInterval(() => touch(file), TOUCH_MILLISECONDS);
  try {
    return await work();
  } finally {
    clearInterval(heartbeat);
    rmSync(file, { force: true });
  }
}

/** @param {string} file */
function touch(file) {
  try {
    utimesSync(file, new Date(), new Date());
  } catch (error) {
    // Somebody followed the advice to remove it.
    if (codeOf(error) !== "ENOENT") throw error;
  }
}

/**
 * @param {string} file
 * @returns {boolean}
 */
function tryAcquire(file) {
  try {
    writeFileSync(
      file,
      JSON.stringify({ pid: process.pid, host: hostname(), since: new Date().toISOString() }),
      { flag: "wx" },
    );
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw error;
  }
}

/**
 * @param {string} file
 * @returns {{ pid: number, host: string, text: string, age: number } | undefined} undefined when the holder has just gone; pid 0 when the content cannot be read.
 */
function readHolder(file) {
  let text;
  let age;
  try {
    text = readFileSync(file, "utf8");
    age = Date.now() - statSync(file).mtimeMs;
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  }
  try {
    const { pid, host } = JSON.parse(text);
    return { pid, host, text, age };
  } catch {
    return { pid: 0, host: "", text, age };
  }
}

/**
 * @param {{ pid: number, host: string, age: number }} holder
 * @returns {boolean}
 */
function isDead(holder) {
  if (holder.pid === 0) return holder.age > UNREADABLE_MILLISECONDS;
  if (holder.age > STALE_MILLISECONDS) return true;
  return holder.host === hostname() && !isAlive(holder.pid);
}

/**
 * Removes a dead process's lock. The rename decides between two that try at once; if it
 * caught a newer, living lock, that one is put back.
 * @param {string} file
 * @param {string} seen Content of the dead lock.
 */
function takeAway(file, seen) {
  const aside = `${file}.${process.pid}.dead`;
  try {
    renameSync(file, aside);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return;
    throw error;
  }
  if (readFileSync(aside, "utf8") === seen) rmSync(aside, { force: true });
  else renameSync(aside, file);
}

/**
 * @param {number} pid
 * @returns {boolean}
 */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === "EPERM";
  }
}
