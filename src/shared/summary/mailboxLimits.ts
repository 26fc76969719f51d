/** What mailboxes of large providers send and accept: whole messages, with files as base64. With sources. */

const MB = 1024 * 1024;

export interface Provider {
  readonly name: string;
  /** Bytes. */
  readonly takes: number;
  readonly sends: number;
  /** An administrator may have changed it. */
  readonly mayDiffer: boolean;
}

const gmail = provider("Gmail", 50, 25); // support.google.com/mail/answer/6584
const outlook = provider("Outlook.com", 25, 25); // support.microsoft.com: "Sending limits in Outlook.com"
const icloud = provider("iCloud Mail", 20, 20); // support.apple.com/102198
const yahoo = provider("Yahoo Mail", 25, 25); // help.yahoo.com/kb/SLN5673.html, AOL's is the same
const gmx = provider("GMX", 100, 100); // hilfe.gmx.net, hilfe.web.de: in their own programs and by IMAP
const proton = provider("Proton Mail", 50, 25); // proton.me/support/attachment-size
/** learn.microsoft.com: "Exchange Online limits" */
const exchange = { ...provider("Exchange Online", 36, 35), mayDiffer: true };
const zoho = { ...provider("Zoho Mail", 20, 20), mayDiffer: true }; // zoho.com/mail/help/attachments.html; an organization may have changed it

const DOMAINS: readonly (readonly [Provider, RegExp])[] = [
  [gmail, /^(gmail|googlemail)\.com$|^googlemail\.(co\.)?[a-z]{2}$/],
  [
    outlook,
    /^(outlook|hotmail|live|msn|windowslive|passport)\.(com|net)$|^(outlook|hotmail|live)\.(com?\.)?[a-z]{2}$/,
  ],
  [icloud, /^(icloud|me|mac)\.com$/],
  [yahoo, /^(yahoo|ymail|rocketmail|myyahoo|aol|aim)\.com$|^(yahoo|ymail|aol)\.(com?\.)?[a-z]{2}$/],
  [gmx, /^gmx\.[a-z]{2,4}$|^gmx\.co\.[a-z]{2}$|^web\.de$|^mail\.com$/],
  [proton, /^proton\.me$|^pm\.me$|^protonmail\.(com|ch)$/],
  [zoho, /^zoho(mail)?\.(com|eu|in)$/],
];

/** Companies' providers, by the server that receives their mail (MX record), as each documents it. */
const SERVERS: readonly (readonly [Provider, RegExp])[] = [
  [gmail, /(^|\.)(google|googlemail)\.com$/], // support.google.com/a/answer/174125
  [exchange, /\.mail\.protection\.outlook\.com$|\.mx\.microsoft$/], // learn.microsoft.com: "DNS records for Microsoft 365"
  [icloud, /\.mail\.icloud\.com$/], // support.apple.com/102374
  [yahoo, /\.yahoodns\.net$/],
  [gmx, /\.gmx\.net$/],
  [proton, /\.protonmail\.ch$/], // proton.me/support/custom-domain
  [zoho, /^mx\d?\.zoho\.(com|eu|in|com\.au|jp)$/], // zoho.com/mail/help/adminconsole/configure-email-delivery.html
];

/** The provider whose server receives a domain's mail; undefined for a company's own, or for a filter. */
export function providerOfServer(server: string): Provider | undefined {
  const plain = server.toLowerCase().replace(/\.$/, "");
  return SERVERS.find(([, pattern]) => pattern.test(plain))?.[0];
}

/**
 * What to assume where nothing is known: Exchange Online accepts 36 MB, many servers 25 MB or less.
 * https://learn.microsoft.com/office365/servicedescriptions/exchange-online-service-description/exchange-online-limits
 */
export const UNKNOWN_TAKES = 25 * MB;

/** A domain's provider, by its name alone; undefined for a company's own. @param domain in any spelling */
export function providerOf(domain: string): Provider | undefined {
  const plain = domain.toLowerCase().replace(/\.$/, "");
  return DOMAINS.find(([, pattern]) => pattern.test(plain))?.[0];
}

function provider(name: string, takes: number, sends: number): Provider {
  return { name, takes: takes * MB, sends: sends * MB, mayDiffer: false };
}
