import { accountService } from "./account/index.ts";
import { actionsService } from "./actions/index.ts";
import { catalogueService } from "./catalogue/index.ts";
import { databaseService } from "./databases/index.ts";
import { dropletService } from "./droplets/index.ts";
import { firewallService } from "./firewalls/index.ts";
import { projectService } from "./projects/index.ts";
import { reservedIpService } from "./reserved-ips/index.ts";
import type { DigitalOceanService } from "./service.ts";
import { spacesKeyService } from "./spaces-keys/index.ts";
import { tagService } from "./tags/index.ts";
import { volumeService } from "./volumes/index.ts";
import { vpcService } from "./vpcs/index.ts";

/** Every product that the local cloud serves. */
export const services: readonly DigitalOceanService[] = [
  databaseService,
  accountService,
  actionsService,
  catalogueService,
  dropletService,
  firewallService,
  projectService,
  reservedIpService,
  spacesKeyService,
  tagService,
  volumeService,
  vpcService,
];
