/** Microsoft 365's pages of the wizard, answered as a person does. */
import type { Sandbox } from "../../src/sandbox/server.ts";
import { ASKS, type Freight, mailbox } from "./freight.ts";

/** What the wizard asks for an account of Microsoft 365. */
export const GRAPH_ASKS = {
  cloud: "Which Microsoft cloud is the mailbox in?",
  address: "Address of Microsoft Graph",
  mailbox: "Send from whose mailbox?",
  shared: "The address of the shared mailbox",
  kind: "How do you want to sign in to Microsoft?",
  accountType: "Which kind of Microsoft account is it?",
  client: "Your organization's app registration is needed, once.",
  approval: "Ready to sign in?",
  token: /An access token with the scopes Mail\.ReadWrite, Mail\.Send and User\.Read/,
} as const;

export interface GraphWish {
  /** Of somebody else; the person's own unless told. */
  readonly shared?: string;
  readonly token?: string;
}

/** Answers the wizard up to whose mailbox it is. */
export async function beginGraph(freight: Freight, sandbox: Sandbox): Promise<void> {
  await freight.workbench.command("Freight Mail: Add Account…");
  await freight.choose(ASKS.service, "Microsoft 365");
  await freight.choose(GRAPH_ASKS.cloud, "Custom URL…");
  await freight.enter(GRAPH_ASKS.address, sandbox.graph.baseUrl);
}

/** Answers the wizard up to how Microsoft knows the person. */
export async function beginSignIn(freight: Freight, sandbox: Sandbox, shared?: string): Promise<void> {
  await beginGraph(freight, sandbox);
  await freight.choose(GRAPH_ASKS.mailbox, shared === undefined ? "My mailbox" : "A shared mailbox…");
  if (shared !== undefined) await freight.enter(GRAPH_ASKS.shared, shared);
}

/** Answers every question of the wizard; what comes of it is for the test to see. */
export async function askForGraph(freight: Freight, sandbox: Sandbox, wish: GraphWish = {}): Promise<void> {
  await beginSignIn(freight, sandbox, wish.shared);
  await freight.choose(GRAPH_ASKS.kind, "Access token");
  await freight.enter(GRAPH_ASKS.token, wish.token ?? sandbox.graph.accessToken);
}

/** Adds the practice user's own mailbox with a token that was pasted. */
export async function addGraphAccount(freight: Freight, sandbox: Sandbox): Promise<void> {
  await askForGraph(freight, sandbox);
  await freight.workbench.notification(`${mailbox(sandbox)} is ready`).waitFor();
}

/** The drafts that are in the mailboxes now, by the subject that they have so far. */
export async function draftsAt(sandbox: Sandbox, owner = "me"): Promise<readonly unknown[]> {
  const url = `${sandbox.graph.baseUrl}/v1.0/${owner}/mailFolders/drafts/messages?$select=id,subject`;
  const answer = await fetch(url, { headers: { authorization: `Bearer ${sandbox.graph.accessToken}` } });
  const { value }: { value: readonly unknown[] } = await answer.json();
  return value;
}
