import type { Page } from "@personify-auth/core";

/** What the directory shows of an exhibitor. */
export interface Exhibitor {
  readonly companyName: string;
  readonly booth: string;
  readonly country: string;
}

/** One page of an event's exhibitors, with links to the pages beside it. */
export function directoryPage(eventId: string, { data, paginationMetadata: pages }: Page<Exhibitor>): string {
  const link = (page: number, text: string) =>
    `<a href="/events/${encodeURIComponent(eventId)}?page=${escapeHtml(page)}">${text}</a>`;
  const rows = data.map(
    ({ companyName, booth, country }) =>
      `<tr><td>${escapeHtml(companyName)}</td><td>${escapeHtml(booth)}</td><td>${escapeHtml(country)}</td></tr>`,
  );
  return layout(
    "Exhibitors",
    `<p>${escapeHtml(pages.totalCount)} exhibitors, page ${escapeHtml(pages.currentPage)} of ${escapeHtml(pages.totalPages)}</p>
<table><thead><tr><th>Company</th><th>Booth</th><th>Country</th></tr></thead><tbody>
${rows.join("\n")}
</tbody></table>
<nav>${pages.hasPreviousPage ? link(pages.currentPage - 1, "Previous") : ""} ${pages.hasNextPage ? link(pages.currentPage + 1, "Next") : ""}</nav>`,
  );
}

/** What an end user sees of an error: what to do, and nothing of what happened inside. */
export function errorPage(status: number): string {
  const advice =
    status < 500
      ? "Please check the address that you came by."
      : "The directory cannot be shown right now. Please try again in a minute.";
  return layout(`Error ${status}`, `<p>${advice}</p>`);
}

function layout(title: string, body: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escapeHtml(title)}</title></head>
<body><h1>${escapeHtml(title)}</h1>
${body}
</body></html>
`;
}

/** Whatever it is: what an API sends need not be what it says. */
function escapeHtml(value: unknown): string {
  return String(value).replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}
