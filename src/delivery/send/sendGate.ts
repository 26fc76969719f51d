/**
 * The one gate before a send: decides whether it may go, or be repeated. It is asked before each try, and
 * again in the turn of the event loop in which the request leaves: anything can change during a wait.
 */

import type { FreightError } from "../../base/errors.ts";
import type { MailService } from "../../services/mailService.ts";
import type { EnginePorts } from "../ports/enginePorts.ts";
import type { DeliveryRecord, SendRecord } from "../record/delivery.ts";
import { isHeldBack } from "../record/mailSet.ts";
import { isAlive } from "../record/queries.ts";
import { StoodStill } from "../store/disk/journal.ts";
import type { Leases } from "../store/disk/lease.ts";
import { drivenElsewhere } from "../store/drivenElsewhere.ts";

export type GateOptions = Pick<EnginePorts, "store" | "clock" | "newId" | "rules"> & {
  readonly leases: Pick<Leases, "holds" | "isSure">;
};

/** What is to pass the gate. */
export interface GatedSend {
  readonly deliveryId: string;
  readonly service: MailService;
  /** Aborted when the send is taken back, and when the window closes. */
  readonly signal: AbortSignal;
  /** True when an earlier process may have sent it already. */
  readonly mayBeOut: boolean;
  /** See `Errand`. */
  readonly mayBeDone: boolean;
  /** Whether the protection against sending twice expires, as an idempotency key's does. */
  readonly ages: boolean;
  /** Whether the recipients can open the files that go as links. */
  readonly areLinksOpen: (delivery: DeliveryRecord) => boolean;
  /** The error for when nobody can tell whether it was sent, and another try might send it twice. */
  readonly unconfirmed: () => FreightError;
}

/** Clocks are often corrected by seconds; of a key that is further "in the future" the age is not known. */
const CLOCK_TOLERANCE_MS = 60_000;

/** A file is no longer ready, and nothing has left: the mail goes back to waiting. */
export class NotReady extends Error {}

export class SendGate {
  readonly #options: GateOptions;
  readonly #send: GatedSend;
  #mayBeOut: boolean;
  #hasLeft = false;
  #isKeySpent = false;
  #key: SendRecord | undefined;
  /** When this process first used the key, by the monotonic clock. */
  #since: number;

  constructor(options: GateOptions, send: GatedSend) {
    this.#options = options;
    this.#send = send;
    this.#mayBeOut = send.mayBeOut;
    this.#since = options.clock.monotonic();
  }

  /** Whether this send may have left: then it cannot be taken back. */
  get mayBeOut(): boolean {
    return this.#mayBeOut || this.#hasLeft;
  }

  /** Whether an earlier try, of this send or a previous one, may have succeeded. */
  get isInDoubt(): boolean {
    return this.#mayBeOut || this.#send.mayBeDone;
  }

  /**
   * The key and the bytes for the next try. A key does not age until a request with it may have left.
   * @throws what `pass` throws
   */
  prepare(send: SendRecord): SendRecord {
    const { clock, newId } = this.#options;
    if (this.#isKeySpent) {
      // The service remembers for the old key that nothing was sent.
      this.#mayBeOut = false;
      this.#isKeySpent = false;
      this.#key = { ...send, idempotencyKey: newId() };
    } else this.#key = this.#key ?? send;
    if (!this.#mayBeOut) {
      this.#key = { ...this.#key, startedAt: clock.now() };
      this.#since = clock.monotonic();
    }
    this.#assertMayGo();
    return { ...this.#key, mayBeOut: true };
  }

  /**
   * The last check, in the turn in which the request leaves.
   * @throws FreightError `send-unconfirmed`, `driven-elsewhere` or `policy-refused`; NotReady; StoodStill; an
   *   AbortError when it was taken back
   */
  readonly pass = (): void => {
    const { store, leases } = this.#options;
    const { deliveryId } = this.#send;
    this.#assertMayGo();
    // While this window was suspended, another one may have sent it.
    if (!leases.isSure(deliveryId)) throw new StoodStill();
    const { phase, send } = store.get(deliveryId);
    if (phase !== "sending" || send?.idempotencyKey !== this.#key?.idempotencyKey) throw takenBack();
    this.#hasLeft = true;
    store.apply(deliveryId, { type: "sendLeft" });
  };

  /** To be called when a try has failed. */
  failed(error: FreightError): void {
    this.#hasLeft = false;
    this.#isKeySpent = error.keySpent;
    this.#mayBeOut ||= error.mayHaveActed;
  }

  /** True while another try under the same key cannot reach anybody twice. */
  get isSafe(): boolean {
    if (!this.#mayBeOut) return true;
    const { clock } = this.#options;
    const { ages, service } = this.#send;
    const { safeRepeatMs } = service.limits;
    // Without a key that ages, the service itself checks whether the first try arrived.
    if (!ages || !Number.isFinite(safeRepeatMs) || this.#key === undefined) return true;
    const { startedAt } = this.#key;
    if (clock.now() < startedAt - CLOCK_TOLERANCE_MS && this.#send.mayBeOut) return false;
    // A clock that was set back must not make a key look younger, so the monotonic clock counts as well.
    return Math.max(clock.now() - startedAt, clock.monotonic() - this.#since) < safeRepeatMs;
  }

  #assertMayGo(): void {
    const { store, leases } = this.#options;
    const { deliveryId, signal, unconfirmed } = this.#send;
    signal.throwIfAborted();
    if (!leases.holds(deliveryId)) throw drivenElsewhere();
    const delivery = store.find(deliveryId);
    if (delivery?.phase !== "waiting" && delivery?.phase !== "sending") throw takenBack();
    if (this.#mayBeOut) {
      if (!this.isSafe) throw unconfirmed();
    } else if (!this.#hasFiles(delivery) || !this.#send.areLinksOpen(delivery) || isHeldBack(delivery))
      throw new NotReady();
    this.#options.rules?.assertDeparture(delivery);
  }

  /** Whether the service has every file, and keeps it until the mail has left. */
  #hasFiles({ attachments }: DeliveryRecord): boolean {
    const { expiryMarginMs } = this.#send.service.limits;
    const now = this.#options.clock.now();
    return attachments.every(
      ({ status, session }) => status === "ready" && isAlive(session, now, expiryMarginMs),
    );
  }
}

function takenBack(): DOMException {
  return new DOMException("The send was taken back", "AbortError");
}
