/** Tells from a server's status and words why a mail bounced. Pure. https://www.rfc-editor.org/rfc/rfc3463 */
import * as z from "zod";

export const RefusalReason = z.enum([
  "tooLarge",
  /** The limit of the sender's own organization. */
  "ownLimit",
  "blockedFile",
  "noAddress",
  "mailboxFull",
  "gaveUp",
  /** As spam, or because of a rule. */
  "refused",
  "unknown",
]);
export type RefusalReason = z.infer<typeof RefusalReason>;

/**
 * Statuses with only one meaning.
 * https://learn.microsoft.com/exchange/mail-flow-best-practices/non-delivery-reports-in-exchange-online
 */
const STATUSES: readonly (readonly [RefusalReason, readonly string[]])[] = [
  ["ownLimit", ["5.2.12"]],
  ["tooLarge", ["5.3.4", "5.2.3", "4.3.4"]],
  ["mailboxFull", ["5.2.2", "4.2.2", "5.2.120", "5.2.121"]],
  [
    "noAddress",
    ["5.1.0", "5.1.1", "5.1.2", "5.1.3", "5.1.4", "5.1.6", "5.1.10", "5.1.351", "5.4.4", "5.4.310", "5.2.1"],
  ],
  ["gaveUp", ["4.4.7", "5.4.7", "5.4.300", "4.4.1", "4.4.316", "5.4.316"]],
];

const OWN_LIMIT = /\bSendSizeLimit\b/i;
// Other languages are matched, too, because servers often send words without a status.
const FULL =
  /over ?quota|over the allowed quota|quota (has been )?(exceeded|dépassé)|exceeded (its |the )?(storage|quota)|(mailbox|mail ?folder|inbox) (is |was )?full|insufficient (system )?storage|postfach (ist )?voll|(boîte|boite)[^.]{0,30}pleine|casella[^.]{0,20}piena|buz[oó]n[^.]{0,20}lleno|caixa[^.]{0,30}cheia|skrzynka[^.]{0,30}pełna|переполнен|(邮箱|信箱)[^.]{0,6}(已满|满)|メールボックス.{0,12}(いっぱい|満杯|容量)/i;
/** Limits of something else than the size of a mail or a mailbox. */
const OTHER_LIMIT =
  /hop count|too many hops|mail loop|too many (recipients|connections)|(daily|rate|sending) [^.]{0,30}(quota|limit)|rate[^.]{0,20}exceeded/i;
/** RFC 5321's words for 552, which servers use both for a mail that is too large and for a full mailbox. */
const STORAGE = /(requested mail action aborted[:,]? ?)?exceeded (its |the )?storage allocation/i;
const TOO_LARGE =
  /\b(message|mail|e-?mail|size|content|attachments?)\b[^.]{0,60}\b(exceed(s|ed)?|too (large|big|long)|larger than|over the)\b|\b(exceed(s|ed)?|too (large|big))\b[^.]{0,40}\b(size|length)|RecipSizeLimit|message size|size limit|too large|zu gro(ß|ss)|überschreitet|taille (maximale|du message)|trop (volumineux|grand)|tama(ñ|n)o|tamanho|demasiado grande|dimension[ei] (massim|del messaggio)|troppo grande|te groot|zbyt duż|слишком больш|превыша|(邮件|郵件).{0,8}(过大|太大|過大|超过|超過)|サイズ.{0,12}(超え|超過|制限)|大きすぎ/i;
const BLOCKED =
  /attachment|file ?(type|name|extension)|executable|potential security issue|dangerous|banned (file|content)|malware|virus|dateianhang|anhang|pièce jointe|allegato|adjunto|附件|添付/i;
const NO_ADDRESS =
  /user unknown|unknown (user|recipient|mailbox|address)|no such (user|recipient|mailbox|address|person|domain)|(does not|doesn't|doesn’t) exist|recipient (address )?(rejected|not found|unknown)|RecipientNotFound|ResolveRecipient|invalid (recipient|mailbox|address|user)|(mailbox|account|user|address) (is )?(unavailable|not found|disabled|inactive)|not listed in|host (or domain name )?not found|domain not found|unrouteable|(empfänger|benutzer|adresse|postfach)[^.]{0,20}(unbekannt|existiert nicht|nicht gefunden)|unbekannte[rs]? (empfänger|benutzer|adresse)|(utilisateur|destinataire|adresse) (inconnue?|introuvable)|n['’]existe pas|(usuario|destinatario) (desconocido|no encontrado)|no existe|(utente|destinatario) (sconosciuto|inesistente)|non esiste|não existe|не существует|не найден|(用户|用戶|收件人|地址).{0,4}不存在|存在しません|宛先不明/i;
const SPAM =
  /spam|unsolicited|policy|block ?list|blacklist|blocked|reputation|prohibited|not (permitted|authorized)|denied/i;
const GAVE_UP = /expired|timed? ?out|too long|retry time|could not be (delivered|sent) (for|within)/i;

/**
 * @param status an enhanced status code, "5.3.4"; empty if there is none
 * @param words what the server said, including its code
 */
export function refusalReason(status: string, words: string): RefusalReason {
  if (OWN_LIMIT.test(words)) return "ownLimit";
  // Some servers report a vague status and put a clear one into their words.
  const told = [status, ...(words.match(/\b[245]\.\d{1,3}\.\d{1,3}\b/g) ?? [])];
  for (const one of told) {
    const known = STATUSES.find(([, statuses]) => statuses.includes(one));
    if (known !== undefined) return known[0];
  }
  const isPolicy = told.some((one) => one.startsWith("5.7."));
  if (isPolicy && !(/\bsize\b|too (large|big)/i.test(words) && TOO_LARGE.test(words)))
    return isAboutFiles(withoutCodes(words)) ? "blockedFile" : "refused";
  if (OTHER_LIMIT.test(words)) return "unknown";
  const said = words.replace(STORAGE, "");
  if (FULL.test(said)) return "mailboxFull";
  if (TOO_LARGE.test(said)) return "tooLarge";
  if (said !== words) return "mailboxFull";
  if (NO_ADDRESS.test(words)) return "noAddress";
  // Servers without enhanced codes have no other code for this.
  if (/\b552\b/.test(words)) return "tooLarge";
  if (isAboutFiles(words)) return "blockedFile";
  if (SPAM.test(words)) return "refused";
  if (GAVE_UP.test(words) || /^4\./.test(status)) return "gaveUp";
  return "unknown";
}

/** Removes the codes that began the further lines of an answer: joined, they interrupt its sentence. */
function withoutCodes(words: string): string {
  return words.replace(/ [245]\d\d-?(?=[ \d])( ?[245]\.\d{1,3}\.\d{1,3})? /g, " ");
}

function isAboutFiles(words: string): boolean {
  return BLOCKED.test(words) && !/\bspam\b/i.test(words);
}

const NUMBERS = /\b(\d{1,3}(?:,\d{3})+|\d+(?:\.\d+)?) ?(bytes|octets|[KMG]i?B)?\b/gi;
/** Without one of these before it, a number without a unit is a date or an id. */
const OF_A_SIZE = /\b(limit|max|maximum|size|exceeds?|larger|length)\b[^.;]{0,40}$/i;

/** The largest message that the server accepts, in bytes; undefined if it does not say. */
export function limitIn(words: string): number | undefined {
  const sizes = [...words.matchAll(NUMBERS)].flatMap(({ 1: number = "", 2: unit = "", index }) => {
    if (unit === "" && !OF_A_SIZE.test(words.slice(0, index))) return [];
    const isCount = unit === "" || /^(bytes|octets)$/i.test(unit);
    const scale = isCount ? 1 : 1024 ** ("KMG".indexOf((unit[0] ?? "K").toUpperCase()) + 1);
    const bytes = Math.floor(Number(number.replaceAll(",", "")) * scale);
    // Smaller numbers are codes and ports; no server accepts larger messages.
    return bytes >= 1024 * 1024 && bytes <= 1024 ** 3 ? [bytes] : [];
  });
  // "Size 60 MB exceeds limit 25 MB": the limit is the smaller number.
  return sizes.sort((one, other) => one - other)[0];
}
