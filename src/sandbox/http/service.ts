/**
 * What each service that the sandbox plays has to offer to its server, and the answer to a request that a fault
 * refuses.
 */
import type { Exchange, Reply } from "./exchange.ts";
import type { Fault, Step } from "./faultRules.ts";

export interface Service {
  readonly name: string;
  /** What a request is for; undefined when faults cannot be aimed at it. */
  stepOf(exchange: Exchange): Step | undefined;
  handle(exchange: Exchange): Promise<Reply>;
  /** How it writes its JSON (default: as Node does). */
  print?(json: unknown): string;
  /** An error in the service's own form. */
  refusal(status: number, message: string, type?: string): Reply;
}

/** The answer that an armed refusal gives. */
export function refusedReply(service: Service, fault: Extract<Fault, { fault: "refuse" }>): Reply {
  const headers = fault.retryAfter === undefined ? {} : { "Retry-After": String(fault.retryAfter) };
  const message = fault.message ?? `Refused with ${fault.status} by the practice mailbox`;
  switch (fault.body ?? "json") {
    case "html":
      return {
        status: fault.status,
        headers: { ...headers, "Content-Type": "text/html; charset=utf-8" },
        text: `<html><head><title>${fault.status}</title></head><body><h1>${fault.status}</h1></body></html>`,
      };
    case "empty":
      return { status: fault.status, headers };
    default: {
      const reply = service.refusal(fault.status, message, fault.type);
      return { ...reply, headers: { ...reply.headers, ...headers } };
    }
  }
}
