import type { CameraStatus } from '../../status/agent-status.js';
import type { Language, WORDS } from '../words.js';
import { DiscoveryPanel } from './discovery-panel.js';
import { SelfTestPanel } from './self-test-panel.js';

/** What a technician needs besides the cameras: self-test, search for cameras, file for support. */
export function ToolsCard(props: {
  cameras: readonly CameraStatus[];
  words: (typeof WORDS)['en'];
  language: Language;
}) {
  const { cameras, words, language } = props;
  return (
    <section class="card tools" data-testid="tools">
      <h2>{words.tools}</h2>
      <SelfTestPanel words={words} language={language} />
      <DiscoveryPanel cameras={cameras} words={words} />
      <p>
        <a class="button" href="/api/diagnostics.tar.gz" download data-testid="diagnostics">
          {words.diagnostics}
        </a>
      </p>
      <p class="faint">{words.diagnosticsHelp}</p>
    </section>
  );
}
