/** The form of Nylas's answers: the type of an error, by its status and its part of the API; and their request ids. */
import { randomUUID } from "node:crypto";
import type { Reply } from "../http/exchange.ts";

/** A refusal in the API's form; without a type it gets the usual one of its part of the API. */
export class NylasError extends Error {
  readonly status: number;
  readonly type: string | undefined;
  readonly providerError: Readonly<Record<string, unknown>> | string | undefined;

  constructor(
    status: number,
    message: string,
    type?: string,
    providerError?: Readonly<Record<string, unknown>> | string,
  ) {
    super(message);
    this.status = status;
    this.type = type;
    this.providerError = providerError;
  }
}

// The API's types are not consistent: newer parts write them bare, older ones with a prefix.
const uploadTypes: Readonly<Record<number, string>> = {
  400: "invalid_request",
  401: "unauthorized",
  404: "not_found",
  409: "invalid_request",
  410: "invalid_request",
  422: "invalid_request",
  500: "internal_error",
};
const otherTypes: Readonly<Record<number, string>> = {
  400: "invalid_request_error",
  401: "api.authentication_error",
  403: "insufficient_scopes",
  404: "api.not_found_error",
  423: "api.resource_blocked",
  429: "api.rate_limit_error",
  500: "api.internal_error",
  504: "api.provider_error",
};

export function errorReply(error: NylasError, inUploads: boolean): Reply {
  const requestId = randomUUID();
  const type =
    error.type ??
    (inUploads ? uploadTypes[error.status] : undefined) ??
    otherTypes[error.status] ??
    (error.status < 500 ? "api.invalid_request_error" : "api.internal_error");
  const { message, providerError } = error;
  return {
    status: error.status,
    headers: { "x-request-id": requestId },
    json: {
      request_id: requestId,
      error: { type, message, ...(providerError ? { provider_error: providerError } : {}) },
    },
  };
}

/** A success; the request id is in both header and body. */
export function dataReply(status: number, fields: Readonly<Record<string, unknown>>): Reply {
  const requestId = randomUUID();
  return { status, headers: { "x-request-id": requestId }, json: { request_id: requestId, ...fields } };
}
