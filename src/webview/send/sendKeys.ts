/** Keys that work anywhere on the page: Ctrl+Enter sends; Esc and Ctrl+Z take back a mail not yet gone. */

export interface SendKeyActions {
  readonly send: () => void;
  /** Whether the mail is about to leave and can still be taken back. */
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
    // Otherwise VS Code would also undo the last typing.
    event.preventDefault();
    event.stopPropagation();
    if (!event.repeat) withdraw();
  });
}
