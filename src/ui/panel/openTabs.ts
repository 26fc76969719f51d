/**
 * Remembers which mails have a tab, beyond the life of the extension host. When a host dies, VS Code starts
 * another and leaves the tabs as they are: outdated, with nobody to hear clicks in them.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import type { Memento } from "../../accounts/accountBook.ts";

/** The key in the workspace's memory, which belongs to the window, for the ID of the last host in it. */
const HOST_KEY = "panelHost";

const Note = z.object({
  /** The process that had the tabs, and its parent: VS Code itself, or its server. */
  pid: z.int(),
  parentPid: z.int(),
  tabs: z.array(z.object({ deliveryId: z.string(), title: z.string() })).readonly(),
});

/** A tab as a person sees it: VS Code tells a new host nothing about the page in it. */
export interface MailTab {
  readonly deliveryId: string;
  readonly title: string;
}

export interface OpenTabsOptions {
  readonly folder: string;
  /** The window's own memory, which VS Code keeps from host to host. */
  readonly memory: Memento;
  /** Identifies this host; letters, digits and dashes. */
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
   * The tabs of the previous host, if it died without closing them. Called once, before anything is noted. A
   * host that shut down properly has deleted its note; one of an earlier run of VS Code had another parent
   * process, and VS Code itself restores the tabs of that run.
   */
  orphans(): readonly MailTab[] {
    const { memory, hostId, folder, parentPid, isRunning } = this.#options;
    const before = z.uuid().safeParse(memory.get(HOST_KEY)).data;
    void memory.update(HOST_KEY, hostId);
    if (before === undefined) return [];
    const path = notePath(folder, before);
    const note = read(path);
    // A closed browser window leaves its host running for a while.
    if (note === undefined || isRunning(note.pid)) return [];
    remove(path);
    this.#sweep();
    return note.parentPid === parentPid ? note.tabs : [];
  }

  /** Deletes notes that nobody will ask for: those of a VS Code that has ended. */
  #sweep(): void {
    const { folder, isRunning } = this.#options;
    for (const name of readdirSync(folder)) {
      const note = read(join(folder, name));
      if (note === undefined || !isRunning(note.parentPid)) remove(join(folder, name));
    }
  }

  /** Writes the note at once, because a host may die at any time. @throws when it cannot be written */
  note(tabs: readonly MailTab[]): void {
    const { folder, pid, parentPid } = this.#options;
    const noted = JSON.stringify(tabs);
    if (noted === this.#noted) return;
    mkdirSync(folder, { recursive: true });
    writeFileSync(this.#path, JSON.stringify({ pid, parentPid, tabs } satisfies z.input<typeof Note>));
    this.#noted = noted;
  }

  /** Call when the host shuts down properly. */
  forget(): void {
    remove(this.#path);
  }
}

/**
 * Matches mails to open tabs by title. For a mail without a match (its title had just changed), takes any
 * remaining tab if there are no more tabs than mails.
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

/** A note that a virus scanner has open stays until the next sweep. */
function remove(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {}
}

function read(path: string): z.infer<typeof Note> | undefined {
  try {
    return Note.safeParse(JSON.parse(readFileSync(path, "utf8"))).data;
  } catch {
    return undefined; // Missing, or cut short: then the tabs themselves say that nobody answers.
  }
}
