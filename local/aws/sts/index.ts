import { z } from "zod";
import { type AwsService, operation } from "../protocol/operation.ts";

/** Who signed a request. @see https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html */
export const sts: AwsService = {
  name: "sts",
  protocol: "query",
  version: "2011-06-15",
  namespace: "https://sts.amazonaws.com/doc/2011-06-15/",
  client: () => import("@aws-sdk/client-sts"),
  operations: {
    GetCallerIdentity: operation(z.strictObject({}), ({ accountId }) => ({
      Account: accountId,
      Arn: `arn:aws:iam::${accountId}:root`,
      UserId: accountId,
    })),
  },
};
