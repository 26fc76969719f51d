/** What we use of VS Code's Git extension: where repositories are, and which Git there is. What Git says is asked of that. */
import type * as vscode from "vscode";
import { next } from "./nextEvent.ts";

/** Just after the start it still looks for repositories, and nobody waits long for that. */
const PATIENCE_MS = 5_000;

export interface Repository {
  readonly rootUri: vscode.Uri;
  readonly state: { readonly HEAD?: { readonly name?: string } };
}

/** Version 1. */
export interface GitApi {
  readonly state: "uninitialized" | "initialized";
  readonly onDidChangeState: vscode.Event<unknown>;
  readonly git: { readonly path: string };
  readonly repositories: readonly Repository[];
  /** Null when the extension has not opened the repository of this file. */
  getRepository(uri: vscode.Uri): Repository | null;
}

export interface GitExtension {
  getAPI(version: 1): GitApi;
}

/** @throws Error while `git.enabled` is off */
export async function openGit(
  extension: vscode.Extension<GitExtension>,
  patienceMs = PATIENCE_MS,
): Promise<GitApi> {
  const api = (await extension.activate()).getAPI(1);
  if (api.state === "uninitialized") await next(api.onDidChangeState, patienceMs);
  return api;
}

/** The Git program that VS Code has found; undefined where the extension is off, or has found none. */
export async function gitPath(
  extension: vscode.Extension<GitExtension> | undefined,
): Promise<string | undefined> {
  try {
    return (await extension?.activate())?.getAPI(1).git.path;
  } catch {
    return undefined; // `git.enabled` is off.
  }
}
