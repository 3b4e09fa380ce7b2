/** Tags of EC2's resources. */
import type { ResourceType } from "@aws-sdk/client-ec2";
import type { AwsClient } from "../../client.ts";
import type { Tags } from "../../config.ts";
import { allTags, tagChanges, tagList } from "../../tags.ts";

type Tagged = { readonly tags?: Tags | null | undefined };

/** What a creation is given, so that nothing is ever there without its tags. */
export function tagSpecifications(client: AwsClient, type: ResourceType, inputs: Tagged) {
  const tags = tagList(allTags(client, inputs));
  return tags.length > 0 ? { TagSpecifications: [{ ResourceType: type, Tags: tags }] } : {};
}

/** Brings a resource's tags to what the program says. */
export async function updateTags(
  client: AwsClient,
  id: string,
  inputs: Tagged & { readonly region?: string | undefined },
  known: { readonly tagsAll?: Tags | null | undefined },
): Promise<{ tagsAll: Tags }> {
  const ec2 = await client.ec2(inputs);
  const tagsAll = allTags(client, inputs);
  const { removed, changed } = tagChanges(known.tagsAll ?? {}, tagsAll);
  if (removed.length > 0)
    await ec2.deleteTags({ Resources: [id], Tags: removed.map((Key) => ({ Key })) });
  if (Object.keys(changed).length > 0)
    await ec2.createTags({ Resources: [id], Tags: tagList(changed) });
  return { tagsAll };
}
