import assert from "node:assert/strict";
import { limitIn, type RefusalReason, refusalReason } from "../../../../src/delivery/arrival/refusal.ts";

const MB = 1024 * 1024;

describe("Why a mail came back", () => {
  const rows: readonly (readonly [RefusalReason, status: string, words: string])[] = [
    // Too large for the recipient.
    ["tooLarge", "5.3.4", "552 5.3.4 Message size exceeds fixed maximum message size"],
    ["tooLarge", "5.2.3", "550 5.2.3 RESOLVER.RST.RecipSizeLimit; message too large for this recipient"],
    ["tooLarge", "5.3.4", "552-5.3.4 Your message exceeded Google's message size limits."],
    ["tooLarge", "", "552 Message size exceeds maximum permitted"],
    ["tooLarge", "5.0.0", "552 message size limit exceeded (in reply to MAIL FROM command)"],
    [
      "tooLarge",
      "5.0.0",
      "SMTP error from remote mail server after MAIL FROM:<a@b>: 552 5.3.4 Message too big",
    ],
    ["tooLarge", "", "552 sorry, that message size exceeds my databytes limit (#5.3.4)"],
    ["tooLarge", "5.3.4", "554 5.3.4 Nachricht ist zu groß"],
    ["tooLarge", "5.7.1", "550 5.3.4 SMTPSEND.OverAdvertisedSize; message size exceeds fixed maximum size"],
    ["tooLarge", "", "552 rejected"],
    // For the sender's own organization.
    [
      "ownLimit",
      "5.2.12",
      "550 5.2.12 RESOLVER.RST.SendSizeLimit.Org; message too large for this organization",
    ],
    ["ownLimit", "5.3.4", "RESOLVER.RST.SendSizeLimit; message too large for this sender"],
    // A file.
    [
      "blockedFile",
      "5.7.0",
      "552-5.7.0 This message was blocked because its content presents a potential security issue.",
    ],
    ["blockedFile", "5.7.1", "554 5.7.1 The file extension .exe is not allowed in attachments"],
    ["blockedFile", "5.7.1", "550 5.7.1 TRANSPORT.RULES.RejectMessage; attachment type blocked"],
    ["blockedFile", "5.6.0", "554 banned file: setup.js"],
    // Nobody there.
    ["noAddress", "5.1.1", "550 5.1.1 The email account that you tried to reach does not exist."],
    [
      "noAddress",
      "5.1.10",
      "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup",
    ],
    ["noAddress", "5.4.4", "550 5.4.4 SMTPSEND.DNS.NonExistentDomain; nonexistent domain"],
    ["noAddress", "", "550 No such user here"],
    ["noAddress", "5.0.0", "550 unknown user"],
    ["noAddress", "5.4.1", "550 5.4.1 Recipient address rejected: Access denied."],
    ["noAddress", "5.0.0", "all relevant MX records point to non-existent hosts: Unrouteable address"],
    // Full.
    ["mailboxFull", "5.2.2", "552 5.2.2 The email account that you tried to reach is over quota"],
    ["mailboxFull", "4.2.2", "452-4.2.2 The recipient's inbox is out of storage space"],
    ["mailboxFull", "", "552 Requested mail action aborted: exceeded storage allocation"],
    ["mailboxFull", "5.0.0", "mailbox is full: retry timeout exceeded"],
    // Policy.
    ["refused", "5.7.1", "550 5.7.1 Message rejected as spam by content filtering"],
    ["refused", "5.7.26", "550-5.7.26 This mail has been blocked because the sender is unauthenticated."],
    ["refused", "5.7.606", "550 5.7.606 Access denied, banned sending IP"],
    ["refused", "", "554 rejected by policy"],
    // Given up.
    ["gaveUp", "4.4.7", "450 4.4.7 Message expired"],
    ["gaveUp", "5.4.7", "delivery time expired"],
    ["gaveUp", "4.4.1", "connection timed out"],
    ["gaveUp", "4.0.0", "host mx.example said: 421 try later"],
    // Other providers, other languages.
    ["tooLarge", "5.7.1", "550 5.7.1 TRANSPORT.RULES.RejectMessage; the message size is larger than allowed"],
    ["tooLarge", "5.3.4", "smtp; message size 82837504 exceeds size limit 36700160 of server mx.x.example"],
    [
      "tooLarge",
      "5.0.0",
      "552 Requested mail action aborted: exceeded storage allocation; Message size exceeds maximum",
    ],
    ["tooLarge", "5.0.0", "554 Maximum email size exceeded"],
    ["tooLarge", "5.0.0", "554 Die Nachricht überschreitet die maximale Größe"],
    ["tooLarge", "5.0.0", "554 Il messaggio supera la dimensione massima consentita"],
    ["tooLarge", "5.0.0", "552 A mensagem excede o tamanho máximo"],
    ["tooLarge", "5.0.0", "554 Le message est trop volumineux"],
    ["tooLarge", "5.0.0", "554 メッセージのサイズが制限を超えています"],
    [
      "mailboxFull",
      "5.0.0",
      "552 Requested mail action aborted: exceeded storage allocation, Quota exceeded.",
    ],
    ["mailboxFull", "5.0.0", "552 Postfach voll"],
    ["mailboxFull", "5.0.0", "552 Boîte aux lettres pleine, quota dépassé"],
    ["mailboxFull", "5.0.0", "550 Mailbox full 收件人邮箱已满"],
    ["mailboxFull", "", "The users mailfolder is over the allowed quota (size). (#5.2.2)"],
    [
      "noAddress",
      "5.0.0",
      "554 30 Sorry, your message cannot be delivered. This mailbox is disabled (554.30).",
    ],
    ["noAddress", "5.0.0", "550 Empfänger unbekannt"],
    ["noAddress", "5.0.0", "550 Utilisateur inconnu"],
    ["noAddress", "5.0.0", "550 Invalid User: 用户不存在"],
    ["noAddress", "5.0.0", "User ann (ann@x.example) not listed in Domino Directory"],
    ["noAddress", "5.0.0", "Unrouteable address"],
    [
      "blockedFile",
      "5.7.0",
      "552-5.7.0 This message was blocked because its content presents a potential 552-5.7.0 security issue.",
    ],
    ["blockedFile", "5.7.0", "554 5.7.0 Message contains a virus: Eicar-Test"],
    ["blockedFile", "5.0.0", "554 Email rejected due to security policies: Attachment blocked (exe)"],
    ["blockedFile", "5.3.0", "553 5.3.0 Email contains restricted file extension .exe"],
    ["refused", "5.7.9", "554 5.7.9 Message not accepted for policy reasons."],
    ["refused", "5.0.0", "550 Message considered unsolicited bulk email"],
    ["refused", "5.0.0", "554 Client host blocked using Barracuda Reputation"],
    ["refused", "5.7.1", "550 5.7.1 Message exceeded the spam threshold"],
    ["gaveUp", "4.7.1", "451 4.7.1 Greylisting in action, please come back later"],
    ["unknown", "5.4.6", "554 5.4.6 Too many hops, message exceeded max hop count"],
    ["unknown", "5.4.5", "550 5.4.5 Daily user sending quota exceeded"],
    ["unknown", "5.0.0", "550 no"],
    ["unknown", "", ""],
  ];
  for (const [reason, status, words] of rows)
    it(`is “${reason}” for ${status || "no status"} ${words.slice(0, 60)}`, () =>
      assert.equal(refusalReason(status, words), reason));

  for (const [words, bytes] of [
    ["552 5.3.4 Message size exceeds fixed limit (26214400)", 25 * MB],
    ["552 size limit 26,214,400 bytes", 25 * MB],
    ["The maximum is 35 MB.", 35 * MB],
    ["552 5.3.4 max 20480 KB", 20 * MB],
    ["message size 80123456 exceeds size limit 10485760 of server mx.x.example[192.0.2.1]", 10 * MB],
    ["552 Your message is 61.5 MB, the maximum is 25 MB", 25 * MB],
    ["552 5.3.4 max. 20 MiB per message", 20 * MB],
    ["552 too large, id 20261128-41943040", undefined],
    ["552 5.3.4 too large", undefined],
    ["550 5.1.1 port 25, 192.0.2.100", undefined],
    ["", undefined],
  ] as const)
    it(`reads a limit in “${words}”`, () => assert.equal(limitIn(words), bytes));
});
