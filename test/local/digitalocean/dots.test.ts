import { afterAll, beforeAll, expect, test } from "vitest";
import { startDigitalOcean, type TestDigitalOcean } from "../../support/digitalocean.ts";

/** The calls of the vendor's own client that are made here. */
interface Calls<T> {
  get(): Promise<T>;
  post(body: object): Promise<T>;
  patch(body: object): Promise<T>;
  delete(): Promise<unknown>;
}
interface Vpc {
  id: string;
  name: string;
  ipRange: string;
  urn: string;
}
interface Project {
  id: string;
  name: string;
  environment: string;
}
interface Key {
  name: string;
  accessKey: string;
  secretKey?: string;
  grants: { bucket: string; permission: string }[];
}
interface Dots {
  v2: {
    vpcs: Calls<{ vpc: Vpc; vpcs: Vpc[] }> & {
      byVpc_id(id: string): Calls<{ vpc: Vpc }>;
    };
    projects: Calls<{ project: Project; projects: Project[] }> & {
      byProject_id(id: string): Calls<{ project: Project }>;
    };
    spaces: {
      keys: Calls<{ key: Key; keys: Key[] }> & {
        byAccess_key(key: string): Pick<Calls<never>, "delete">;
      };
    };
  };
}

let api: TestDigitalOcean;
let client: Dots;
beforeAll(async () => {
  api = await startDigitalOcean();
  // The package is written in TypeScript that this project's rules do not hold for.
  const name: string = "@digitalocean/dots";
  const dots = await import(name);
  const { adapter } = dots.createServerlessInferenceClient(api.team("dev").apiToken, api.origin);
  adapter.baseUrl = api.origin;
  client = dots.createDigitalOceanClient(adapter);
});
afterAll(() => api.close());

test("the vendor's own client manages VPCs", async () => {
  const { vpcs } = client.v2;
  await vpcs.post({ name: "first", region: "ams3" });
  const { vpc } = await vpcs.post({ name: "net", region: "ams3", ipRange: "10.9.0.0/16" });
  expect(vpc).toMatchObject({ name: "net", ipRange: "10.9.0.0/16", urn: `do:vpc:${vpc.id}` });
  const { vpc: renamed } = await vpcs.byVpc_id(vpc.id).patch({ name: "net-2" });
  expect(renamed.name).toBe("net-2");
  expect((await vpcs.get()).vpcs.map(({ name }) => name)).toEqual(["first", "net-2"]);
  await vpcs.byVpc_id(vpc.id).delete();
  await expect(vpcs.byVpc_id(vpc.id).get()).rejects.toMatchObject({ responseStatusCode: 404 });
});

test("the vendor's own client manages projects", async () => {
  const { projects } = client.v2;
  const request = { name: "shop", purpose: "Web Application", environment: "Production" };
  const { project } = await projects.post(request);
  expect(project).toMatchObject({ name: "shop", environment: "Production" });
  await projects.byProject_id(project.id).patch({ environment: "Staging" });
  const { project: changed } = await projects.byProject_id(project.id).get();
  expect(changed.environment).toBe("Staging");
  await projects.byProject_id(project.id).delete();
  expect((await projects.get()).projects.map(({ name }) => name)).not.toContain("shop");
});

test("the vendor's own client manages Spaces keys", async () => {
  const { keys } = client.v2.spaces;
  const grants = [{ bucket: "media", permission: "read" }];
  const { key } = await keys.post({ name: "media", grants });
  expect(key).toMatchObject({ name: "media", grants, secretKey: expect.stringMatching(/^.{40}$/) });
  const read = (await keys.get()).keys.find(({ accessKey }) => accessKey === key.accessKey);
  expect(read).toMatchObject({ name: "media", grants });
  expect(read?.secretKey).toBeUndefined();
  await keys.byAccess_key(key.accessKey).delete();
  expect((await keys.get()).keys.map(({ name }) => name)).not.toContain("media");
});
