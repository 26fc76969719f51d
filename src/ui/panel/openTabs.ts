/**
 * Knows which mails have a tab, beyond the life of the extension host. When a host dies, VS Code starts another one and
 * leaves the tabs as they are: they go on showing what was true then, and nobody hears what is clicked in them.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import type { Memento } from "../../accounts/accountBook.ts";

/** In the workspace's memory, which is the window's: the host that ran in it last. */
const HOST_KEY = "panelHost";

const Note = z.object({
  /** The process that had the tabs, and the one that had started it: VS Code itself, or its server. */
  pid: z.int(),
  parentPid: z.int(),
  tabs: z.array(z.object({ deliveryId: z.string(), title: z.string() })).readonly(),
});

/** A tab as a person sees it: of the page in it VS Code tells other hosts nothing. */
export interface MailTab {
  readonly deliveryId: string;
  readonly title: string;
}

export interface OpenTabsOptions {
  readonly folder: string;
  /** The window's own, kept by VS Code while hosts come and go. */
  readonly memory: Memento;
  /** Names this host; letters, digits and dashes. */
  readonly hostId: string;
  readonly pid: number;
  readonly parentPid: number;
  readonly isRunning: (pid: number) => boolean;
}

export class OpenTabs {
  readonly #options: OpenTabsOptions;
  readonly #path: string;
  #noted = "[]";

  constructor(options: OpenTabsOptions) {
    this.#options = options;
    this.#path = notePath(options.folder, options.hostId);
  }

  /**
   * The tabs of the host that was here before, when it died without closing them. Asked once, before anything is noted.
   * A host that ended in good order has taken its note away; one of an earlier run of VS Code had other parents, and
   * VS Code brings the tabs of such a run back on its own.
   */
  orphans(): readonly MailTab[] {
    const { memory, hostId, folder, parentPid, isRunning } = this.#options;
    const before = z.uuid().safeParse(memory.get(HOST_KEY)).data;
    void memory.update(HOST_KEY, hostId);
    if (before === undefined) return [];
    const path = notePath(folder, before);
    const note = read(path);
    // A browser's window that was closed leaves its host running for a while.
    if (note === undefined || isRunning(note.pid)) return [];
    remove(path);
    this.#sweep();
    return note.parentPid === parentPid ? note.tabs : [];
  }

  /** Takes away what nobody will ask for any more: the notes of a VS Code that has ended. */
  #sweep(): void {
    const { folder, isRunning } = this.#options;
    for (const name of readdirSync(folder)) {
      const note = read(join(folder, name));
      if (note === undefined || !isRunning(note.parentPid)) remove(join(folder, name));
    }
  }

  /** Notes it immediately, for nobody knows when a host dies. @throws when the disk refuses */
  note(tabs: readonly MailTab[]): void {
    const { folder, pid, parentPid } = this.#options;
    const noted = JSON.stringify(tabs);
    if (noted === this.#noted) return;
    mkdirSync(folder, { recursive: true });
    writeFileSync(this.#path, JSON.stringify({ pid, parentPid, tabs } satisfies z.input<typeof Note>));
    this.#noted = noted;
  }

  /** The host ends in good order. */
  forget(): void {
    remove(this.#path);
  }
}

/**
 * Finds the tabs of these mails among those that are there, by their titles. Where a title has no tab (it was changed in
 * the last moment), any tab will do when there are no more tabs than mails.
 */
export function matchTabs<Tab extends { readonly label: string }>(
  mails: readonly MailTab[],
  tabs: readonly Tab[],
): readonly { readonly deliveryId: string; readonly tab: Tab }[] {
  const left = [...tabs];
  const found: { deliveryId: string; tab: Tab }[] = [];
  const take = (deliveryId: string, index: number) => {
    const [tab] = index < 0 ? [] : left.splice(index, 1);
    if (tab !== undefined) found.push({ deliveryId, tab });
    return tab !== undefined;
  };
  const strangers = mails.filter(
    ({ deliveryId, title }) =>
      !take(
        deliveryId,
        left.findIndex(({ label }) => label === title),
      ),
  );
  if (tabs.length <= mails.length) for (const { deliveryId } of strangers) take(deliveryId, left.length - 1);
  return found;
}

function notePath(folder: string, hostId: string): string {
  return join(folder, `${hostId}.json`);
}

/** One that a scanner has open stays until the next sweep. */
function remove(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {}
}

function read(path: string): z.infer<typeof Note> | undefined {
  try {
    return Note.safeParse(JSON.parse(readFileSync(path, "utf8"))).data;
  } catch {
    return undefined; // There is none, or it was cut short: then the tabs say themselves that nobody answers.
  }
}
