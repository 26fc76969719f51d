/** The part of VS Code's Git extension that we use: its repositories and its Git, which we run ourselves. */
import type * as vscode from "vscode";
import { next } from "./nextEvent.ts";

/** How long to wait for it to find repositories, which it still does just after starting. */
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
  /** Null when the extension has not opened the file's repository. */
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

/** The Git program that VS Code found; undefined if the extension is off or found none. */
export async function gitPath(
  extension: vscode.Extension<GitExtension> | undefined,
): Promise<string | undefined> {
  try {
    return (await extension?.activate())?.getAPI(1).git.path;
  } catch {
    return undefined; // `git.enabled` is off.
  }
}
