import type { AwsClients } from "../../vendors/aws.ts";
import type { Product } from "../product.ts";
import { EC2_PRODUCTS } from "./ec2.ts";
import { ELASTICACHE_PRODUCTS } from "./elasticache.ts";
import { RDS_PRODUCTS } from "./rds.ts";
import { S3_PRODUCTS } from "./s3.ts";

/** What an account at AWS holds in the region of the stack's provider, and its buckets everywhere. */
export const AWS_PRODUCTS: readonly Product<AwsClients>[] = [
  ...S3_PRODUCTS,
  ...RDS_PRODUCTS,
  ...ELASTICACHE_PRODUCTS,
  ...EC2_PRODUCTS,
];
