import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

export type Settings = Readonly<Record<string, unknown>>;

/** Nothing that speaks up unasked, and nothing that asks the network. */
const quiet: Settings = {
  "chat.disableAIFeatures": true,
  "workbench.secondarySideBar.defaultVisibility": "hidden",
  "workbench.startupEditor": "none",
  "workbench.editor.useModal": "off", // in a modal editor the palette's key does nothing
  "remote.autoForwardPorts": false, // a server that a test starts is nobody's to forward
  "editor.unusualLineTerminators": "off", // asks with a dialog over the whole window, whatever a file has by chance
  "workbench.tips.enabled": false,
  "workbench.enableExperiments": false,
  "extensions.ignoreRecommendations": true,
  "extensions.autoUpdate": "off",
  "extensions.autoCheckUpdates": false,
  "telemetry.telemetryLevel": "off",
  "update.mode": "none",
  "git.openRepositoryInParentFolders": "never",
};

/** Writes the user's settings, quiet ones and the given. VS Code reads them when a window opens, not while it is open. */
export async function writeUserSettings(dataDir: string, settings: Settings = {}): Promise<void> {
  const dir = join(dataDir, "User");
  await mkdir(dir, { recursive: true });
  await writeFile(join(dir, "settings.json"), JSON.stringify({ ...quiet, ...settings }, undefined, 2));
}

/** Writes the user's keybindings, in the place of none. */
export async function writeKeybindings(dataDir: string, keybindings: readonly unknown[]): Promise<void> {
  await writeFile(join(dataDir, "User/keybindings.json"), JSON.stringify(keybindings, undefined, 2));
}
