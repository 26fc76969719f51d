/** Who has a mailbox at the practice Graph: ids, names and addresses. Those at Nylas: `sandbox/nylas/grants.ts`. */
import type { Person } from "../outbox/letter.ts";

/** A person with a mailbox. */
export interface GraphUser {
  readonly id: string;
  readonly displayName: string;
  readonly mail: string;
}

/** The tenant of the practice mailbox. */
export const graphTenant = "7c1e5b84-3f0d-4a67-92c5-d81a6e4b9f30";

/** The user who is signed in, and a mailbox that is shared with them. The ids never change. */
export const graphUsers: readonly [me: GraphUser, ...others: GraphUser[]] = [
  {
    id: "3b9d6a10-52f7-4c8e-8d14-6e0f7a2c9b51",
    displayName: "Practice Mailbox",
    mail: "practice@freight-mail.example",
  },
  {
    id: "9e4f2c73-1a86-4b5d-b0c9-27d8e6f3a164",
    displayName: "The Team",
    mail: "team@freight-mail.example",
  },
];

/** The user with this id or address; undefined when there is none. */
export function findUser(idOrAddress: string): GraphUser | undefined {
  return graphUsers.find(({ id, mail }) => id === idOrAddress || mail === idOrAddress.toLowerCase());
}

export function describeUser({ id, displayName, mail }: GraphUser): Record<string, unknown> {
  const [givenName = "", surname = ""] = displayName.split(" ");
  return {
    id,
    displayName,
    givenName,
    surname,
    mail,
    userPrincipalName: mail,
    businessPhones: [],
    jobTitle: null,
    mobilePhone: null,
    officeLocation: null,
    preferredLanguage: "en-US",
  };
}

export const senderOf = ({ mail, displayName }: GraphUser): Person => ({ email: mail, name: displayName });
