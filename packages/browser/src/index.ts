export type { Browser, BrowserContextOptions, Page } from "playwright-core";
export { startBrowser } from "./start-browser.ts";
