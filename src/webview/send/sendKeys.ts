/** The keys that work wherever the focus is: Ctrl+Enter sends, Esc and Ctrl+Z take a mail back that has not left. */

export interface SendKeyActions {
  readonly send: () => void;
  /** Whether a mail is about to leave, and can be taken back. */
  readonly isUndoable: () => boolean;
  readonly withdraw: () => void;
}

export function listenForKeys({ send, isUndoable, withdraw }: SendKeyActions): void {
  document.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const isCommand = event.ctrlKey || event.metaKey;
    if (event.key === "Enter" && isCommand) {
      event.preventDefault();
      if (!event.repeat) send();
    }
    const isUndo =
      event.key === "Escape" || (isCommand && !event.shiftKey && event.key.toLowerCase() === "z");
    if (!isUndo || !isUndoable()) return;
    // VS Code would take back what was typed last, as well.
    event.preventDefault();
    event.stopPropagation();
    if (!event.repeat) withdraw();
  });
}
