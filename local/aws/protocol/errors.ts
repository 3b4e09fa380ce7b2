/** A refusal by a name of the vendor's, whichever protocol carries it. */
export class AwsError extends Error {
  readonly status: number;
  /** `DBInstanceNotFound`, `InvalidVpcID.NotFound`, … */
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** A refusal because of what the request asks for. */
export const refusal = (code: string, message: string): AwsError =>
  new AwsError(400, code, message);

export const notFound = (code: string, message: string): AwsError =>
  new AwsError(404, code, message);

export const invalidValue = (message: string): AwsError =>
  refusal("InvalidParameterValue", message);

export const invalidCombination = (message: string): AwsError =>
  refusal("InvalidParameterCombination", message);
