/** What a person can do about links that were sent: extend them, or end them and perhaps delete the file. */
import { Turns } from "../../base/turns.ts";
import { linksOf } from "../../services/mailService.ts";
import { linkEnd } from "../links/linkLimits.ts";
import type { EnginePorts } from "../ports/enginePorts.ts";
import type { AttachmentRecord, DeliveryRecord } from "../record/delivery.ts";
import { isLinkOut, linkEnding } from "../record/queries.ts";
import type { ActParts } from "./actParts.ts";

type Options = Pick<EnginePorts, "store" | "clock" | "rules" | "serviceFor">;
type Parts = Pick<ActParts, "remoteCleanup" | "accountOf" | "ownership">;

export class LinkActs {
  readonly #options: Options;
  readonly #parts: Parts;
  readonly #closing: AbortSignal;
  /** By attachment: nobody could tell the outcome if a link were extended and ended at the same time. */
  readonly #turns = new Turns();

  /** @param closing aborted when the window closes */
  constructor(options: Options, parts: Parts, closing: AbortSignal) {
    this.#options = options;
    this.#parts = parts;
    this.#closing = closing;
  }

  /**
   * Lets the same people open a file for `days` from now. Noted once the service has confirmed it.
   * @param days null: until somebody ends the link
   * @throws FreightError `policy-refused`, or why the service refuses
   */
  extend(deliveryId: string, attachmentId: string, days: number | null): Promise<void> {
    return this.#inTurn(deliveryId, attachmentId, async (attachment, delivery) => {
      const { store, clock, rules, serviceFor } = this.#options;
      const { link, session } = attachment;
      const fileId = session?.attachmentId;
      if (link === null || fileId == null || linkEnding(delivery, attachment) !== undefined) return;
      rules?.assertLinks({ audience: link.audience, days });
      const until = days === null ? null : linkEnd(clock.now(), days);
      const { audience, people } = link;
      const access = { audience, people, until };
      const links = linksOf(await serviceFor(this.#parts.accountOf(delivery)));
      const extended = await links.open(fileId, access, this.#closing);
      await store.assertOurs(deliveryId);
      store.apply(deliveryId, { type: "linkExtended", attachmentId, link: extended });
      await store.flushed(deliveryId);
    });
  }

  /** Ends the link of a file; the service is told as soon as it can be reached. */
  end(deliveryId: string, attachmentId: string, file: "stays" | "deleted"): Promise<void> {
    return this.#inTurn(deliveryId, attachmentId, async () => {
      const { store, clock } = this.#options;
      store.apply(deliveryId, { type: "linkEnding", attachmentId, file, at: clock.now() });
      this.#parts.remoteCleanup.say(deliveryId);
      await store.flushed(deliveryId);
    });
  }

  #inTurn(
    deliveryId: string,
    attachmentId: string,
    work: (attachment: AttachmentRecord, delivery: DeliveryRecord) => Promise<void>,
  ): Promise<void> {
    return this.#turns.take(attachmentId, () =>
      this.#parts.ownership.during(deliveryId, async () => {
        const delivery = this.#options.store.find(deliveryId);
        const attachment = delivery?.attachments.find(({ id }) => id === attachmentId);
        if (delivery === undefined || attachment === undefined || !isLinkOut(delivery, attachment)) return;
        await work(attachment, delivery);
      }),
    );
  }
}
