/** The methods of Nylas: upload sessions for Microsoft's mailboxes, the standard method for all others. */
import type { Http } from "../../net/http.ts";
import type { MailService } from "../mailService.ts";
import type { NylasEndpoint } from "./nylasApi.ts";
import { NylasSessions } from "./nylasSessions.ts";
import { NylasStandard, type StandardMailbox } from "./nylasStandard.ts";

export function nylasService(endpoint: NylasEndpoint, mailbox: StandardMailbox, http: Http): MailService {
  return mailbox.provider === "microsoft"
    ? new NylasSessions(endpoint, mailbox.grantId, http)
    : new NylasStandard(endpoint, mailbox, http);
}
