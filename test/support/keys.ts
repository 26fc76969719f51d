/** Commands that tests need over and over have a key of their own: the palette takes half a second each time. */
export const KEYS = {
  closeEditors: { press: "Control+Alt+Shift+W", command: "workbench.action.closeAllEditors" },
  clearNotifications: { press: "Control+Alt+Shift+N", command: "notifications.clearAll" },
} as const;

/** The same, as keybindings.json has them. */
export const keybindings = Object.values(KEYS).map(({ press, command }) => ({
  key: press.replace("Control", "ctrl").toLowerCase(),
  command,
}));
