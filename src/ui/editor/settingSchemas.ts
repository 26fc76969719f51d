/** What settings may contain. An invalid value, which anybody can write, counts as the default. */
import * as z from "zod";
import type { NetworkSettings } from "../../net/connect/dialler.ts";
import { BodyFormat } from "../../shared/contract/form.ts";

/** Megabytes by mailbox address; invalid entries are ignored. */
function usable(limits: Readonly<Record<string, unknown>>): Record<string, number> {
  const one = z.number().positive().max(10_000);
  return Object.fromEntries(
    Object.entries(limits).flatMap(([email, limit]) => {
      const { data } = one.safeParse(limit);
      return data === undefined ? [] : [[email, data]];
    }),
  );
}

/** Our settings, without `freightMail.`; a setting that only one part uses has its schema there. */
export const SETTINGS = {
  "history.days": z.int().min(1).max(3650).catch(60),
  messageLimits: z.record(z.string(), z.unknown()).catch({}).transform(usable),
  ownDomains: z.array(z.string().max(255)).max(500).catch([]),
  "ask.outside": z.boolean().catch(false),
  "ask.firstTime": z.boolean().catch(false),
  "ask.manyRecipients": z.int().min(0).max(1000).catch(0),
  "links.audience": z.enum(["recipients", "organization", "anyone"]).catch("anyone"),
  "links.days": z.int().min(0).max(3650).catch(0),
  growingFiles: z.array(z.string().max(255)).max(500).catch([]),
  undoSendSeconds: z.number().min(0).max(30).catch(5),
  "body.format": BodyFormat.catch("markdown"),
  "body.template": z.string().catch(""),
  "body.signature": z.string().catch(""),
  terminalLinks: z.boolean().catch(true),
  lookUpMailServers: z.boolean().catch(false),
  noticeReturnedMail: z.boolean().catch(true),
  deliveryReceipts: z.boolean().catch(false),
  notifications: z.enum(["needed", "all", "errorsOnly"]).catch("needed"),
} as const;

const text = z.string().catch("");
const yes = z.boolean().catch(true);

/** VS Code's own settings. @param get returns the value of `http.<name>` */
export function readNetworkSettings(get: (name: string) => unknown): NetworkSettings {
  return {
    enabled: text.parse(get("proxySupport")) !== "off",
    proxy: text.parse(get("proxy")),
    noProxy: z.array(z.string()).catch([]).parse(get("noProxy")),
    proxyAuthorization: text.parse(get("proxyAuthorization")),
    strictSSL: yes.parse(get("proxyStrictSSL")),
    systemCertificates: yes.parse(get("systemCertificates")),
  };
}
