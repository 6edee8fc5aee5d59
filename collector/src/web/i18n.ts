import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import en from './locales/en.json';
import vi from './locales/vi.json';

/** Languages of the console, each by its own name. */
export const LANGUAGES = [
  { value: 'en', label: 'English' },
  { value: 'vi', label: 'Tiếng Việt' },
] as const;

const STORAGE_KEY = 'headcount-language';

/** The remembered language, else the browser's, else English. */
function firstLanguage(): string {
  const remembered = localStorage.getItem(STORAGE_KEY);
  const wanted = remembered ?? navigator.language.slice(0, 2);
  return LANGUAGES.some(({ value }) => value === wanted) ? wanted : 'en';
}

export async function startTranslations(): Promise<void> {
  i18next.on('languageChanged', (language) => {
    document.documentElement.lang = language;
    localStorage.setItem(STORAGE_KEY, language);
  });
  await i18next.use(initReactI18next).init({
    resources: { en: { translation: en }, vi: { translation: vi } },
    lng: firstLanguage(),
    fallbackLng: 'en',
    interpolation: { escapeValue: false },
  });
}
