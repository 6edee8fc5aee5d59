import '@mantine/core/styles.css';
import './page.css';
import { createTheme, MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.js';
import { ApiError } from './http.js';
import { startTranslations } from './i18n.js';

const theme = createTheme({ primaryColor: 'cyan', primaryShade: { light: 9, dark: 7 }, defaultRadius: 'md' });

/** Events from the collector say when something changed; the slow polling only covers a missed one. */
const queries = new QueryClient({
  defaultOptions: {
    queries: {
      refetchInterval: 60_000,
      retry: (failures, error) =>
        failures < 2 && !(error instanceof ApiError && error.status >= 400 && error.status < 500),
    },
  },
});

await startTranslations();
/** Mantine writes style elements, which the content security policy lets in by the nonce of the answer. */
const nonce = document.querySelector<HTMLMetaElement>('meta[property=csp-nonce]')?.nonce ?? '';
const root = document.getElementById('root');
if (root !== null) {
  createRoot(root).render(
    <StrictMode>
      <MantineProvider theme={theme} defaultColorScheme="auto" getStyleNonce={() => nonce}>
        <QueryClientProvider client={queries}>
          <App />
        </QueryClientProvider>
      </MantineProvider>
    </StrictMode>,
  );
}
