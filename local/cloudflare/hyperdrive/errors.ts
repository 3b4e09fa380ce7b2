import { ApiError } from "../envelope.ts";

/**
 * Error codes of the Hyperdrive API. 2008 to 2016 are what a trial connection can end with.
 * @see https://developers.cloudflare.com/hyperdrive/observability/troubleshooting/#configuration-errors
 */
export const HYPERDRIVE_ERROR = {
  invalid: 2001,
  notFound: 2002,
  badHostname: 2008,
  unreachable: 2010,
  refused: 2011,
  noTls: 2012,
  badCredentials: 2013,
  noDatabase: 2014,
  other: 2015,
  queryFailed: 2016,
  nameTaken: 2017,
} as const;

export const configNotFound = (id: string) =>
  new ApiError(404, HYPERDRIVE_ERROR.notFound, `Hyperdrive config ${id} was not found.`);

export const nameTaken = () =>
  new ApiError(
    409,
    HYPERDRIVE_ERROR.nameTaken,
    "A Hyperdrive config with the given name already exists",
  );

export const invalidConfig = (message: string) =>
  new ApiError(400, HYPERDRIVE_ERROR.invalid, message);
