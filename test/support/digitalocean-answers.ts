/** What tests read of the API's answers, by the name that the vendor gives each member of the envelope. */
import { z } from "zod";

const text = z.string();
const number = z.number();
/** A thing of which only the named fields are of interest here. */
const thing = z.looseObject;
const network = thing({ type: text, ip_address: text });
const connection = thing({
  uri: text,
  database: text,
  host: text,
  port: number,
  user: text,
  password: text,
});
const layout = thing({ num_nodes: number, sizes: z.array(text) });
const engineOptions = thing({
  versions: z.array(text),
  regions: z.array(text),
  layouts: z.array(layout),
});

const account = thing({ uuid: text, team: thing({}) });
const action = thing({ id: number, type: text, status: text });
const backup = thing({ created_at: text, size_gigabytes: number });
const database = thing({ id: text, name: text, size: text, status: text, connection });
const db = thing({ name: text });
const droplet = thing({
  id: number,
  name: text,
  status: text,
  features: z.array(text),
  networks: thing({ v4: z.array(network) }),
  volume_ids: z.array(text),
  vpc_uuid: text,
});
const firewall = thing({ id: text });
const pool = thing({ connection, size: number });
const project = thing({ id: text });
const spacesKey = thing({ access_key: text, name: text });
const sshKey = thing({ id: number, name: text, fingerprint: text });
const tag = thing({ name: text });
const user = thing({ name: text, password: text });
const volume = thing({
  id: text,
  region: thing({ slug: text }),
  tags: z.array(text),
  droplet_ids: z.array(number),
  size_gigabytes: number,
});
const vpc = thing({ id: text, default: z.boolean(), created_at: text, ip_range: text });

/** Members of all answers; each has some of them. */
const MEMBERS = {
  // A refusal.
  id: text,
  message: text,
  request_id: text,
  // A list.
  links: thing({ actions: z.array(thing({ id: number })).optional() }),
  meta: thing({ total: number }),
  // Everything else is the thing that was asked for.
  account,
  action,
  actions: z.array(action),
  backups: z.array(backup),
  ca: thing({ certificate: text }),
  config: thing({}),
  database,
  databases: z.array(database),
  db,
  dbs: z.array(db),
  droplet,
  droplets: z.array(droplet),
  events: z.array(thing({})),
  eviction_policy: text,
  firewall,
  firewalls: z.array(firewall),
  image: thing({ id: number }),
  key: spacesKey.extend({ secret_key: text.optional() }),
  keys: z.array(spacesKey),
  members: z.array(thing({})),
  options: thing({ pg: engineOptions, valkey: engineOptions }),
  pool,
  pools: z.array(pool),
  project,
  projects: z.array(project),
  regions: z.array(thing({ slug: text })),
  replicas: z.array(thing({})),
  reserved_ip: thing({ ip: text, droplet: thing({ id: number }).nullable() }),
  reserved_ips: z.array(thing({ ip: text })),
  resources: z.array(thing({ urn: text })),
  rules: z.array(thing({})),
  sizes: z.array(thing({ slug: text })),
  ssh_key: sshKey,
  ssh_keys: z.array(sshKey),
  tag,
  tags: z.array(tag),
  user,
  users: z.array(user),
  version_availability: thing({ pg: z.array(thing({ version: text })) }),
  volume,
  volumes: z.array(volume),
  vpc,
  vpcs: z.array(vpc),
} as const;
type Members = z.infer<z.ZodObject<typeof MEMBERS>>;

const schema = z.looseObject(MEMBERS).partial();

/**
 * A body with the members that the vendor answers. Reading another one that tests know throws, so that
 * what a test reads of an answer is there.
 */
export type AnswerBody = { readonly [Name in keyof Members]: Members[Name] };

const ABSENT = Object.fromEntries(
  Object.keys(MEMBERS).map((name) => [
    name,
    {
      get(this: object): never {
        throw new Error(`The answer has no "${name}": ${JSON.stringify(this)}`);
      },
    },
  ]),
);

/** The body of an answer's text. Throws for a member that is not as the vendor describes it. */
export function answerBody(answer: string): AnswerBody {
  const members = schema.parse(answer === "" ? {} : JSON.parse(answer));
  const prototype = Object.create(Object.prototype, ABSENT);
  return Object.create(prototype, Object.getOwnPropertyDescriptors(members)) as AnswerBody;
}
