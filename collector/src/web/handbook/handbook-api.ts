import type { HandbookList, HandbookPage } from '../../schema/handbook.js';
import { call } from '../http.js';

export async function fetchHandbook(language: string, search: string): Promise<HandbookList['pages']> {
  const query = new URLSearchParams({ language, ...(search !== '' && { q: search }) });
  return ((await call(`/handbook?${query.toString()}`)) as HandbookList).pages;
}

export async function fetchHandbookPage(language: string, slug: string): Promise<HandbookPage> {
  return (await call(`/handbook/${encodeURIComponent(slug)}?language=${language}`)) as HandbookPage;
}
