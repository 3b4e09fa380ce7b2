import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { openEngines } from "../../local/engines/index.ts";
import { openDocumentStore } from "../../local/store/document-store.ts";
import { openVault } from "../../local/store/vault.ts";
import { openVendors } from "../../local/vendors.ts";

test("what cannot be started is told with the remedy, and keeps nothing else down", async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "bulkhead-vendors-"));
  const lines: string[] = [];
  const log = (line: string) => lines.push(line);
  const store = openDocumentStore(join(dataDir, "store.sqlite"));
  const engines = openEngines({ dataDir, log });
  const vault = openVault(join(dataDir, "store.key"));
  const vendors = openVendors(
    { store, vault, engines, dataDir, s3Origin: () => "http://127.0.0.1:1", log },
    { fetch: () => new Response() },
  );
  onTestFinished(async () => {
    await engines.dispose();
    await vendors.close();
    store.close();
    rmSync(dataDir, { recursive: true });
  });
  const { digitalocean } = await vendors.issue("staging");
  const call = async (method: string, path: string, body?: object) => {
    const headers = { authorization: `Bearer ${digitalocean.apiToken}` };
    const init = body === undefined ? { headers } : { headers, body: JSON.stringify(body) };
    const request = new Request(`http://127.0.0.1/v2${path}`, { method, ...init });
    const answer = (await vendors.digitalOcean(request)).json();
    return answer as Promise<{
      readonly droplet: { readonly id: number; readonly status: string };
    }>;
  };
  const image = { region: "ams3", size: "s-1vcpu-1gb", image: "debian-13-x64" };
  const { droplet } = await call("POST", "/droplets", { name: "one", ...image });
  // A record that cannot be read, and data whose folder cannot be deleted since none has such a name.
  store.collection("do-database-cluster").insert("team", { id: "bad", name: "bad", body: null });
  const data = { id: "no/folder", name: "no/folder", body: {} };
  store.collection("do-machine-discarded").insert("root", data);

  await vendors.start();
  expect(lines).toEqual([
    expect.stringMatching(
      /^DigitalOcean's databases could not be started.* Remove the cause, then/,
    ),
    expect.stringMatching(/^The deletion of the data of no\/folder cannot go on\. .* Remove the/),
  ]);
  await vi.waitFor(async () => {
    expect((await call("GET", `/droplets/${droplet.id}`)).droplet.status).toBe("active");
  });
});
