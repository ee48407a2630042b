/** The service's wrapper around one page of a list. */
export interface Page<T> {
  readonly paginationMetadata: {
    readonly currentPage: number;
    readonly totalCount: number;
    readonly totalPages: number;
    readonly hasPreviousPage: boolean;
    readonly hasNextPage: boolean;
    readonly itemsPerPage: number;
  };
  readonly data: readonly T[];
}

const MOST_ITEMS = 50;

/** The page that the query asks for: `Page` (default 1), `ItemsPerPage` (default and at most 50); or what is wrong. */
export function pageOf<T>(items: readonly T[], query: URLSearchParams): Page<T> | { readonly wrong: string } {
  const currentPage = positive(query, "Page", 1, Number.MAX_SAFE_INTEGER);
  const itemsPerPage = positive(query, "ItemsPerPage", MOST_ITEMS, MOST_ITEMS);
  if (currentPage === undefined) return { wrong: "Page must be one whole number, 1 or more." };
  if (itemsPerPage === undefined)
    return { wrong: `ItemsPerPage must be one whole number from 1 to ${MOST_ITEMS}.` };
  const totalCount = items.length;
  const totalPages = Math.ceil(totalCount / itemsPerPage);
  const start = (currentPage - 1) * itemsPerPage;
  return {
    paginationMetadata: {
      currentPage,
      totalCount,
      totalPages,
      hasPreviousPage: currentPage > 1,
      hasNextPage: currentPage < totalPages,
      itemsPerPage,
    },
    data: items.slice(start, start + itemsPerPage),
  };
}

function positive(query: URLSearchParams, name: string, otherwise: number, most: number): number | undefined {
  const [text, ...more] = query.getAll(name);
  if (text === undefined) return otherwise;
  if (more.length > 0 || !/^[0-9]{1,16}$/.test(text)) return undefined;
  const value = Number(text);
  return value >= 1 && value <= most ? value : undefined;
}
