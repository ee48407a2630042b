import { ApiError, ConfigurationError } from "./errors.ts";
import { type Query, toSearchParams } from "./http/query.ts";

/** The wrapper around each page of a list, as Personify documents it. */
export interface PaginationMetadata {
  /** Counts from 1. */
  readonly currentPage: number;
  /** Items on all pages. */
  readonly totalCount: number;
  /** How many pages there are. */
  readonly totalPages: number;
  /** Whether a page comes before this one. */
  readonly hasPreviousPage: boolean;
  /** Whether a page follows. */
  readonly hasNextPage: boolean;
  /** The most items that a page has. */
  readonly itemsPerPage: number;
}

/** One page of a list. */
export interface Page<T> {
  /** The items, in order. */
  readonly data: readonly T[];
  /** Where the page stands in the list. */
  readonly paginationMetadata: PaginationMetadata;
}

/** Iterates the items of a list, fetching a page when it is reached: `for await (const item of paginator)`. */
export interface Paginator<T> extends AsyncIterable<T> {
  /** Iterates whole pages instead. */
  pages(): AsyncIterable<Page<T>>;
}

/** What a paginator reads of an answer. */
interface PageResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly data: unknown;
}

/**
 * Reads a list page by page, from the query's `Page` (default 1). Throws an `ApiError` with code `response_invalid`
 * where an answer is not the documented wrapper, or is another page than the one asked for.
 */
export function createPaginator<T>(
  query: Query | undefined,
  fetchPage: (query: URLSearchParams) => Promise<PageResponse>,
): Paginator<T> {
  async function* pages(): AsyncGenerator<Page<T>, void> {
    const parameters = toSearchParams(query);
    const first = Number(parameters.get("Page") ?? 1);
    for (let number = first; ; number++) {
      parameters.set("Page", String(number));
      const response = await fetchPage(parameters);
      const page = readPage<T>(response, number);
      yield page;
      if (!page.paginationMetadata.hasNextPage) return;
    }
  }
  return {
    pages,
    async *[Symbol.asyncIterator]() {
      for await (const page of pages()) yield* page.data;
    },
  };
}

/**
 * Throws where a page is named in another place or spelling than the query's `Page`: two of them would be sent, of
 * which the server takes one (names are the same to it in any case).
 */
export function refuseOtherPage(path: string | URL, query: URLSearchParams): void {
  const [, inPath] = String(path).split(/[?#]/);
  const inQuery = [...query.keys()].filter((name) => name !== "Page");
  for (const name of [...new URLSearchParams(inPath).keys(), ...inQuery]) {
    if (name.toLowerCase() !== "page") continue;
    throw new ConfigurationError("paginate() names the page itself; pass the first one as query.Page");
  }
}

function readPage<T>(response: PageResponse, number: number): Page<T> {
  const page = response.data as Partial<Page<T>> | null | undefined;
  const metadata = page?.paginationMetadata;
  if (!Array.isArray(page?.data) || typeof metadata?.hasNextPage !== "boolean") {
    throw invalidPage(
      "is not a page of paginationMetadata and data; read it with get(), or check the path",
      response,
    );
  }
  // A server that repeats its last page for ever would otherwise be read for ever.
  if (metadata.currentPage !== number) {
    throw invalidPage(
      `is page ${Number(metadata.currentPage)} where page ${number} was asked for; read it with get(), or check query.Page`,
      response,
    );
  }
  return page as Page<T>;
}

function invalidPage(what: string, response: PageResponse): ApiError {
  return new ApiError(`The API's answer ${what}`, { code: "response_invalid" }, response);
}
