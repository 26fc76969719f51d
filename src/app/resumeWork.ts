/** Reads what earlier windows left behind, shows it and resumes it. */
import { toSavedError } from "../base/errors.ts";
import { explain } from "../base/log.ts";
import type { LinkTrials } from "../delivery/links/linkTrials.ts";
import type { DeliveryRunner } from "../delivery/runner.ts";
import type { DeliveryStore } from "../delivery/store/store.ts";
import { plural } from "../shared/l10n.ts";
import { managedSetting, setting } from "../ui/editor/settings.ts";
import { ExpiryWatch } from "../ui/notices/expiryWatch.ts";
import { Outcomes } from "../ui/notices/outcomes.ts";
import type { ComposePanels } from "../ui/panel/composePanels.ts";
import { StatusBar } from "../ui/views/statusBar.ts";
import { UndoItem } from "../ui/views/undoItem.ts";
import { publishContext } from "./contextKeys.ts";
import type { Accounts } from "./createAccounts.ts";
import type { Acts } from "./createActs.ts";
import type { Checks } from "./createChecks.ts";
import type { Records } from "./createEngine.ts";
import type { AppWindow } from "./createWindow.ts";
import { tidyRegularly } from "./tidying.ts";

const DAY_MS = 24 * 3_600_000;

/** @param showFirst called with the store once it can show the newest mails of a long history */
export async function resumeWork(
  { log, own, folder, dialogs, notifier, runCommand }: AppWindow,
  parts: Pick<Accounts, "book"> &
    Records &
    Pick<Checks, "rules"> &
    Pick<Acts, "mails" | "remedies"> & {
      readonly runner: DeliveryRunner;
      readonly panels: ComposePanels;
      readonly trials: LinkTrials;
    },
  showFirst: (store: DeliveryStore) => void,
): Promise<void> {
  const { book, store, leases, keeper, rules, mails, remedies, runner, panels, trials } = parts;
  const logged = (reason: unknown) => log.error(explain(reason));
  const isOurs = (deliveryId: string) => leases.holds(deliveryId);
  const unreadable = await store.load(() => showFirst(store));
  if (unreadable > 0)
    void dialogs.tell(
      "warning",
      plural(
        unreadable,
        "{0} saved mail could not be read and was set aside in {1}.",
        "{0} saved mails could not be read and were set aside in {1}.",
        folder("deliveries"),
      ),
    );
  void rules.catchUp().catch(logged);
  void keeper.sweep();
  own(new StatusBar(store));
  own(new UndoItem(store));
  own(
    new Outcomes({
      store,
      notifier,
      dialogs,
      runCommand,
      isOurs,
      runRemedy: (remedy, remedyContext) => remedies.run(remedy, remedyContext),
      isVisible: (deliveryId) => panels.isVisible(deliveryId),
      wanted: () => setting("notifications"),
    }),
  );
  own(new ExpiryWatch({ store, isOurs, sendNow: (delivery) => mails.sendNow(delivery), dialogs }));
  own(store.onDidStumble((error) => notifier.problem({ ...toSavedError(error), remedy: null })));
  own(publishContext(store, book));
  // Other windows on this machine share the folder; their changes are shown here too.
  await parts
    .watch((id) => void runner.noticed(id).catch(logged))
    .then(own, (reason: unknown) =>
      // Linux has one quota of watches for all programs. Without one, mails are still sent.
      log.warn(`Changes made in other windows are shown here only after a reload: ${explain(reason)}`),
    );
  own(
    tidyRegularly(() => {
      void trials.tidy().catch(logged);
      void runner.forgetOlder(Date.now() - managedSetting("history.days") * DAY_MS).catch(logged);
    }),
  );
  void runner.recover().catch(logged);
}
