/**
 * The page in a mail's tab: builds its parts, hands them what the host says, and decides which texts count when it
 * loads, which count when another window has changed them, and whether the mail may leave the page.
 */
import { locale, t } from "../shared/l10n.ts";
import "./jitless.ts";
import "./language.ts";
import type { Form } from "../shared/contract/form.ts";
import { MAX_DROPPED, ToPanel } from "../shared/contract/messages.ts";
import type { PanelSnapshot } from "../shared/contract/snapshot.ts";
import { Announcer } from "./dom/announcer.ts";
import { button, element, icon, setHidden, setText } from "./dom/dom.ts";
import type { Page } from "./dom/page.ts";
import { Attachments } from "./files/attachments.ts";
import { DropQueue } from "./files/dropQueue.ts";
import { DropZone } from "./files/dropZone.ts";
import { RefusedView } from "./files/refusedView.ts";
import { ComposeForm } from "./form/composeForm.ts";
import { FormRelay } from "./host/formRelay.ts";
import { Host } from "./host/host.ts";
import { HostSilence } from "./host/hostSilence.ts";
import { Overtaken } from "./host/overtaken.ts";
import { PracticeBanner } from "./practice/practiceBanner.ts";
import { SendBar } from "./send/sendBar.ts";
import { listenForKeys } from "./send/sendKeys.ts";

const host = new Host(document.body.getAttribute("data-delivery-id") ?? "", ({ type }) =>
  silence.asked(type === "ready"),
);
const relay = new FormRelay(host, () => form.form);
const page: Page = { post: (intent) => host.post(intent), say: (sentence) => announcer.say(sentence) };
const attachments = new Attachments(page);
const sendBar = new SendBar(page, {
  send,
  leave,
  // First decide what happens to files that cannot continue.
  sendInMails: (inParts) => {
    if (latest?.send.undecided === undefined) leave("sendInMails", undefined, inParts);
    else send();
  },
});
const form = new ComposeForm(
  page,
  {
    edited: () => {
      relay.changed();
      sendBar.strip.typed(form.form);
    },
    peopleWanted,
  },
  sendBar.element,
);
const announcer = new Announcer();
const dropQueue = new DropQueue(page);
const refused = new RefusedView(page);
const dropZone = new DropZone({
  dropUris: (uris) => {
    if (uris.length <= MAX_DROPPED) host.post({ type: "dropUris", uris: [...uris] });
    else
      dropQueue.tell(
        t("No more than {0} files can be dropped at once. Drop their folder instead.", MAX_DROPPED),
      );
  },
  dropFiles: (files, folders) => dropQueue.add(files, folders),
});
const silence = new HostSilence(
  () => host.post({ type: "areYouThere" }),
  (isSilent) => {
    panel.classList.toggle("is-unheard", isSilent);
    if (latest === undefined) return;
    if (isSilent) sendBar.doubt(heardAt);
    else sendBar.render(latest);
  },
);
const overtaken = new Overtaken();
const practice = new PracticeBanner(page);
const lackingText = element("span");
const allowMore = button("", "quiet", () =>
  host.post({ type: "remedy", remedy: "allowMore", attachmentId: null }),
);
const lacking = element("div", { class: "lacking", hidden: "" }, icon("info"), lackingText, allowMore);
const noticeText = element("span");
const notice = element("p", { class: "notice" }, icon("info"), noticeText);
const heading = element("h1", { class: "visually-hidden" }, t("Compose mail"));
const panel = element(
  "div",
  { class: "panel", hidden: "" },
  ...[
    heading,
    practice.element,
    practice.hard.element,
    notice,
    lacking,
    overtaken.element,
    form.element,
    refused.element,
    attachments.element,
    dropQueue.element,
  ],
);
document.getElementById("app")?.append(silence.element, panel, dropZone.element, announcer.element);

let latest: PanelSnapshot | undefined;
let isTouched = false;
let heardAt = Date.now();
let peopleAskedFor: string | undefined;

function render(snapshot: PanelSnapshot): void {
  const { event, form: texts } = snapshot;
  const before = latest;
  // Meant for an earlier page: the answer to our `ready` is still on its way.
  if (before === undefined && texts === null) return;
  latest = snapshot;
  setHidden(panel, false);
  practice.render(snapshot.practice);
  setHidden(notice, snapshot.notice === null);
  setText(noticeText, snapshot.notice ?? "");
  setHidden(lacking, snapshot.lacking === null);
  setText(lackingText, snapshot.lacking?.message ?? "");
  setText(allowMore, snapshot.lacking?.remedy?.label ?? "");
  heading.classList.toggle("visually-hidden", event === null);
  const title = snapshot.editable ? t("Compose mail") : t("Mail");
  setText(heading, event === null ? title : t("Event “{0}”, {1}", event.subject, when(event.startsAt)));
  // The form shows only what has a text: it is filled first.
  if (texts !== null) take(texts, snapshot, before);
  form.render(snapshot);
  attachments.render(snapshot);
  if (refused.render((snapshot.editable && snapshot.refused) || [])) attachments.focus();
  sendBar.render(snapshot);
  dropZone.render(snapshot.editable);
  dropQueue.render(snapshot.editable);
  announcer.hear(snapshot);
  host.saved(snapshot.savedRevision);
  sendBar.strip.render(snapshot, form.form);
}

/** True while work is under way, so that snapshots keep arriving. */
function isUnderWay({ phase, attachments }: PanelSnapshot): boolean {
  const moving = ["queued", "creating", "uploading", "completing", "sending"];
  return (
    phase === "waiting" || phase === "sending" || attachments.some(({ status }) => moving.includes(status))
  );
}

/** @param before the snapshot shown until now; undefined for the page's first */
function take(theirs: Form, snapshot: PanelSnapshot, before: PanelSnapshot | undefined): void {
  if (before === undefined) begin(theirs, snapshot);
  else if (relay.isOvertakenBy(theirs)) {
    if (relay.revision > before.savedRevision) overtaken.show(form.form);
    // Another window has edited the mail: this page must show what would be sent from it.
    form.fill(theirs);
    relay.begin(theirs);
    host.keep(theirs);
  }
}

/** Decides once which texts win: the host's, or newer ones that an earlier page kept. */
function begin(theirs: Form, snapshot: PanelSnapshot): void {
  const { isBack } = host;
  const kept = host.restore();
  const isNewer = snapshot.editable && (kept?.revision ?? -1) > theirs.revision;
  const texts = isNewer ? (kept ?? theirs) : theirs;
  form.fill(texts);
  relay.begin(texts);
  if (isNewer) relay.tell();
  else host.keep(texts);
  // Only a new mail takes the focus: a restored tab must not pull it out of an editor.
  const untouched = document.activeElement === document.body && !isBack;
  if (untouched && snapshot.event === null && snapshot.editable && theirs.to === "") form.focus("to", null);
}

function when(startsAt: number): string {
  return new Date(startsAt).toLocaleString(locale(), { dateStyle: "full", timeStyle: "short" });
}

function send(way?: "retry" | "without"): void {
  if (latest === undefined) return;
  const { enabled, undecided } = latest.send;
  // A mail that waits to be sent is past Send, but its files can still be decided on.
  const isOffered = way === undefined ? enabled && undecided === undefined : undecided !== undefined;
  // A shortcut that does nothing should at least say why.
  if (!isOffered) {
    announcer.say(latest.headline);
    sendBar.focusChoice();
  } else leave("send", way);
}

function leave(
  type: "send" | "sendInMails" | "saveDraft" | "sendLater",
  way?: "retry" | "without",
  inParts = false,
): void {
  if (dropQueue.holdsBack()) return;
  attachments.saveNames();
  if (!form.checkForLeaving(type !== "saveDraft")) return;
  const files = latest?.send.undecided?.files ?? [];
  const taken = relay.take();
  if (type === "sendInMails") host.post({ type, form: taken, inParts });
  else host.post({ type, form: taken, ...(way === undefined ? {} : { undecided: { way, files } }) });
  // In a low window the bar is not sticky: scroll to it, as Undo appears there.
  sendBar.element.scrollIntoView({ block: "nearest" });
}

/** Asks once per set of files: other files may lie in another repository. */
function peopleWanted(): void {
  const files = latest?.attachments.map(({ id }) => id).join(" ") ?? "";
  if (latest?.editable !== true || peopleAskedFor === files) return;
  peopleAskedFor = files;
  host.post({ type: "peopleWanted" });
}

window.addEventListener("message", ({ data }: MessageEvent<unknown>) => {
  const message = ToPanel.safeParse(data);
  if (!message.success) {
    console.warn("Freight Mail: dropped a message that the panel does not know.", message.error.message);
    return;
  }
  heardAt = Date.now();
  if (message.data.type === "snapshot") render(message.data.snapshot);
  silence.heard(latest !== undefined && isUnderWay(latest));
  switch (message.data.type) {
    case "snapshot":
    case "heard":
      return;
    case "formWanted":
      return relay.tell();
    case "focus":
      return form.focus(message.data.field, message.data.message);
    case "dropAck":
      return void dropQueue.acknowledged(message.data.id, message.data.offset);
    case "dropOver":
      return dropQueue.over(message.data.id);
    case "people":
      return form.setPeople(message.data.people);
    case "simulator":
      return practice.renderHard(message.data.view);
    case "hashes":
      return sendBar.strip.renderHashes(message.data.files);
    case "body":
      return form.renderBody(message.data);
    default:
      message.data satisfies never;
  }
});

listenForKeys({
  send: () => send(),
  isUndoable: () => latest?.send.undoable === true,
  withdraw: () => host.post({ type: "withdraw" }),
});

/** The person's first key or click; modifiers and shortcuts do not count. */
function touched(event: Event): void {
  if (latest?.unseen !== true || isTouched || !event.isTrusted) return;
  const isShortcut =
    event instanceof KeyboardEvent &&
    (event.ctrlKey || event.metaKey || event.altKey || /^(Shift|Control|Alt|Meta)$/.test(event.key));
  if (isShortcut) return;
  isTouched = true;
  host.post({ type: "touched" });
}
for (const type of ["keydown", "pointerdown"]) document.addEventListener(type, touched, { capture: true });

// After any of these the page may be gone: VS Code discards hidden panels.
form.element.addEventListener("focusout", () => relay.flush());
document.addEventListener("visibilitychange", () => relay.flush());
window.addEventListener("blur", () => relay.flush());
window.addEventListener("pagehide", () => relay.flush());

host.post({ type: "ready" });
