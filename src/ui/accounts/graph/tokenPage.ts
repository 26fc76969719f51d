/** Asks for an access token that a person has made elsewhere, and reads what it says of itself. */
import type { Account } from "../../../accounts/accountBook.ts";
import { GRAPH_SCOPES, readToken } from "../../../services/graph/graphApi.ts";
import { listOf, locale, t } from "../../../shared/l10n.ts";
import type { Answer, PageInput, StepFrame } from "../pages/pageInput.ts";

/** @param holder whose token it has to be, when a new one is asked for */
export function askToken(
  input: PageInput,
  frame: StepFrame,
  holder?: { readonly email: string; readonly userId: string | undefined },
): Promise<Answer<string>> {
  const scopes = listOf(GRAPH_SCOPES);
  return input.ask(frame, {
    prompt:
      holder === undefined
        ? t("An access token with the scopes {0}. It is kept in VS Code's secret storage only.", scopes)
        : t(
            "A new access token for {0} with the scopes {1}. It is kept in VS Code's secret storage only.",
            holder.email,
            scopes,
          ),
    password: true,
    problem: (text) => {
      if (text === "") return t("Enter the token.");
      if (!/^[\x21-\x7e]+$/.test(text))
        return t("A token has no spaces, line breaks or non-ASCII characters.");
      const { expiresAt, userId } = readToken(text) ?? {};
      if (expiresAt !== undefined && expiresAt <= Date.now())
        return t("This token expired on {0}.", new Date(expiresAt).toLocaleString(locale()));
      // Otherwise this account's mails would leave from somebody else's mailbox.
      return holder?.userId !== undefined && userId !== undefined && userId !== holder.userId
        ? t("This token is not for {0}.", holder.email)
        : undefined;
    },
  });
}

export function withExpiry(account: Account, token: string): Account {
  const { expiresAt } = readToken(token) ?? {};
  const { credentialExpiresAt: _, ...rest } = account;
  return expiresAt === undefined ? rest : { ...rest, credentialExpiresAt: expiresAt };
}
