import { errors, type JWTPayload, jwtVerify, SignJWT } from "jose";
import type { Bindings } from "./environment.ts";

/** Seconds a session and its token live: one day. */
export const SESSION_SECONDS = 24 * 60 * 60;
const ALGORITHM = "HS256";
const AUDIENCE = "qhub-api";

export interface TokenClaims {
  readonly userId: string;
  readonly sessionId: string;
}

/** A signed token (JWS compact, HS256) that expires at `expiresAt`. */
export async function issueToken(
  env: Bindings,
  claims: TokenClaims,
  expiresAt: Date,
): Promise<string> {
  return new SignJWT()
    .setProtectedHeader({ alg: ALGORITHM, typ: "JWT" })
    .setIssuer(issuer(env))
    .setAudience(AUDIENCE)
    .setSubject(claims.userId)
    .setJti(claims.sessionId)
    .setIssuedAt()
    .setExpirationTime(expiresAt)
    .sign(keyOf(env.JWT_SECRET));
}

/**
 * The claims of a token that this environment signed, with the current secret or with the one
 * before the last rotation while that is still bound. `undefined` for everything else: another
 * environment's token, a changed one, an expired one.
 */
export async function verifyToken(env: Bindings, token: string): Promise<TokenClaims | undefined> {
  const secrets = [env.JWT_SECRET, env.JWT_SECRET_PREVIOUS].filter(
    (secret) => secret !== undefined,
  );
  for (const secret of secrets) {
    try {
      const { payload } = await jwtVerify(token, keyOf(secret), {
        algorithms: [ALGORITHM],
        issuer: issuer(env),
        audience: AUDIENCE,
        requiredClaims: ["sub", "jti", "exp"],
      });
      return claimsOf(payload);
    } catch (error) {
      if (!(error instanceof errors.JOSEError)) {
        throw error;
      }
      if (!(error instanceof errors.JWSSignatureVerificationFailed)) {
        return undefined;
      }
    }
  }
  return undefined;
}

function claimsOf({ sub, jti }: JWTPayload): TokenClaims | undefined {
  return sub && jti ? { userId: sub, sessionId: jti } : undefined;
}

function issuer(env: Bindings): string {
  return `qhub-${env.ENVIRONMENT}`;
}

function keyOf(secret: string): Uint8Array {
  return new TextEncoder().encode(secret);
}
