/** Kills the extension host as a crash would, if that harms nothing else and the person confirms. */
import * as z from "zod";
import type { Memento } from "../../../accounts/accountBook.ts";
import { t } from "../../../shared/l10n.ts";
import type { Dialogs } from "../../notices/dialogs.ts";
import { whyNotKill } from "./simulatorWords.ts";

const KILLS_KEY = "hostKills";
const Kills = z.array(z.number()).catch([]);

export interface HostKillOptions {
  readonly dialogs: Dialogs;
  readonly memory: Memento;
  /** See `whyNotKill`. */
  readonly hasRealWork: () => boolean;
  readonly isDebugging: () => boolean;
  readonly hasTasks: () => boolean;
  readonly now: () => number;
  readonly kill: () => void;
}

/** @param first runs right before the kill */
export async function killHost(options: HostKillOptions, first: () => Promise<void>): Promise<void> {
  const { dialogs, memory, now, kill } = options;
  const kills = Kills.parse(memory.get(KILLS_KEY));
  const because = () =>
    whyNotKill({
      hasRealWork: options.hasRealWork(),
      isDebugging: options.isDebugging(),
      hasTasks: options.hasTasks(),
      kills,
      now: now(),
    });
  const mayKill = async () => {
    const reason = because();
    if (reason !== undefined) await dialogs.tell("info", reason);
    return reason === undefined;
  };
  if (!(await mayKill())) return;
  const killIt = t("Kill It");
  const answer = await dialogs.ask(
    "warning",
    t("Kill the extension host of this window?"),
    t(
      "Every extension in this window stops at once, and VS Code starts them again within seconds. Editors and unsaved files are not affected. Then see how the mail goes on.",
    ),
    killIt,
  );
  // Something may have started while the question was open.
  if (answer !== killIt || !(await mayKill())) return;
  await memory.update(KILLS_KEY, [...kills, now()].slice(-2));
  await first();
  kill();
}
