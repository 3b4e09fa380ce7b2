import {
  CreateDBInstanceCommand,
  DescribeDBInstancesCommand,
  StopDBInstanceCommand,
} from "@aws-sdk/client-rds";
import { expect, onTestFinished, test, vi } from "vitest";
import { startAws, until } from "../support/aws.ts";
import { startDigitalOcean } from "../support/digitalocean.ts";

/** What chance gives next; without any it is chance. */
const dice = vi.hoisted((): { next: number[] } => ({ next: [] }));
vi.mock("node:crypto", async (original) => {
  const crypto = await original<typeof import("node:crypto")>();
  const randomInt = (...range: [number, number]) => dice.next.shift() ?? crypto.randomInt(...range);
  return { ...crypto, randomInt };
});

/** Lets chance give these addresses first. */
function offer(...addresses: string[]): void {
  dice.next = addresses.flatMap((address) => address.split(".").slice(1).map(Number));
}
const FREE = "127.99.98.97";

test.runIf(process.platform === "linux")(
  "no other server gets the address of a droplet that is off or of a reserved IP",
  async () => {
    let vendor = await startDigitalOcean();
    onTestFinished(() => vendor.close());
    let team = vendor.team("staging");
    const create = async (name: string) => {
      const size = { region: "ams3", size: "s-1vcpu-1gb", image: "debian-13-x64" };
      const { body } = await team.call("POST", "/v2/droplets", { name, ...size });
      const read = () => team.call("GET", `/v2/droplets/${body.droplet.id}`);
      const { droplet } = await vi.waitFor(async () => {
        const now = (await read()).body;
        expect(now.droplet.status).toBe("active");
        return now;
      });
      return droplet;
    };
    const addressOf = (droplet: { networks: { v4: { type: string; ip_address: string }[] } }) =>
      droplet.networks.v4.find(({ type }) => type === "public")?.ip_address ?? "";

    const off = await create("off");
    await team.call("POST", `/v2/droplets/${off.id}/actions`, { type: "power_off" });
    const { reserved_ip: reserved } = (
      await team.call("POST", "/v2/reserved_ips", { region: "ams3" })
    ).body;
    vendor = await vendor.restart();
    team = { ...team, call: vendor.caller(team.apiToken) };

    offer(addressOf(off), reserved.ip, FREE);
    expect(addressOf(await create("new"))).toBe(FREE);
  },
);

test.runIf(process.platform === "linux")(
  "no other server gets the address of a database that is stopped",
  async () => {
    let aws = await startAws();
    onTestFinished(() => aws.close());
    const key = aws.account("staging");
    let { rds } = key;
    const create = (DBInstanceIdentifier: string) =>
      rds.send(
        new CreateDBInstanceCommand({
          DBInstanceIdentifier,
          DBInstanceClass: "db.t4g.micro",
          AllocatedStorage: 20,
          Engine: "postgres",
          MasterUsername: "app",
          MasterUserPassword: "correct-horse-battery",
          BackupRetentionPeriod: 0,
        }),
      );
    const reached = async (DBInstanceIdentifier: string, status: string) => {
      const read = async () =>
        (await rds.send(new DescribeDBInstancesCommand({ DBInstanceIdentifier }))).DBInstances?.[0];
      await until(read, (instance) => instance?.DBInstanceStatus === status);
      return (await read())?.Endpoint?.Address ?? "";
    };
    await create("stopped");
    await reached("stopped", "available");
    await rds.send(new StopDBInstanceCommand({ DBInstanceIdentifier: "stopped" }));
    const address = await reached("stopped", "stopped");
    aws = await aws.restart();
    rds = aws.clients(key).rds;

    offer(address, FREE);
    await create("new");
    expect(await reached("new", "available")).toBe(FREE);
  },
);
