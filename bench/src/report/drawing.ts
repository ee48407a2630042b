/** What each kind of contender is drawn in. */
export const colours = { ours: "#1a7f5a", floor: "#8c959f", peer: "#c4662d" };

export function escapeText(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
