import { Anchor, Code, List, Stack, Table, Text, Title } from '@mantine/core';
import { lexer, type Token, type Tokens } from 'marked';
import { Fragment, useMemo, type ReactNode } from 'react';
import { CommandBlock } from './command-block.js';

/** Headings of a page stand below the page's own. */
const HEADINGS = { 2: 3, 3: 4 } as const;

/** Markdown as elements. Nothing of it becomes HTML by itself: tags in it are shown as text. */
export function Markdown({ text }: { text: string }) {
  const tokens = useMemo(() => lexer(text), [text]);
  return <Blocks tokens={tokens} />;
}

/** Paragraphs, lists and whatever else fills the width of the page. */
export function Blocks({ tokens }: { tokens: readonly Token[] }) {
  return (
    <Stack gap="sm">
      {tokens.map((token, index) => (
        <Block key={index} token={token} />
      ))}
    </Stack>
  );
}

function Block({ token }: { token: Token }): ReactNode {
  switch (token.type) {
    case 'space':
    case 'def':
      return null;
    case 'heading':
      return <Heading heading={token as Tokens.Heading} />;
    case 'list':
      return <ListBlock list={token as Tokens.List} />;
    case 'code':
      return <CommandBlock text={(token as Tokens.Code).text} />;
    case 'table':
      return <TableBlock table={token as Tokens.Table} />;
    case 'blockquote':
      return (
        <blockquote>
          <Blocks tokens={token.tokens ?? []} />
        </blockquote>
      );
    case 'hr':
      return <hr />;
    default:
      return (
        <Text component="div" style={{ overflowWrap: 'anywhere' }}>
          <Inline tokens={[token]} />
        </Text>
      );
  }
}

function Heading({ heading: { depth, tokens } }: { heading: Tokens.Heading }) {
  // The page shows its title by itself.
  if (depth === 1) return null;
  const order = depth === 2 ? HEADINGS[2] : HEADINGS[3];
  return (
    <Title order={order} size={order === 3 ? 'h5' : 'h6'} mt="sm">
      <Inline tokens={tokens} />
    </Title>
  );
}

function ListBlock({ list: { ordered, start, items } }: { list: Tokens.List }) {
  return (
    <List
      type={ordered ? 'ordered' : 'unordered'}
      {...(ordered && start !== '' && { start })}
      spacing="sm"
      styles={{ itemWrapper: { display: 'inline' }, item: { overflowWrap: 'anywhere' } }}
    >
      {items.map((item, index) => (
        <List.Item key={index}>
          <Item tokens={item.tokens} />
        </List.Item>
      ))}
    </List>
  );
}

/** The words of an item stand beside its number, commands below it. */
function Item({ tokens }: { tokens: readonly Token[] }) {
  return tokens.map((token, index) =>
    token.type === 'text' || token.type === 'paragraph' ? (
      <Inline key={index} tokens={[token]} />
    ) : (
      <Block key={index} token={token} />
    ),
  );
}

function TableBlock({ table: { header, rows } }: { table: Tokens.Table }) {
  return (
    <Table.ScrollContainer minWidth={300}>
      <Table>
        <Table.Thead>
          <Table.Tr>
            {header.map((cell, index) => (
              <Table.Th key={index}>
                <Inline tokens={cell.tokens} />
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((row, at) => (
            <Table.Tr key={at}>
              {row.map((cell, index) => (
                <Table.Td key={index}>
                  <Inline tokens={cell.tokens} />
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

/** Words, code and links within a sentence. */
export function Inline({ tokens }: { tokens: readonly Token[] }): ReactNode {
  return tokens.map((token, index) => (
    <Fragment key={index}>
      <Words token={token} />
    </Fragment>
  ));
}

function Words({ token }: { token: Token }): ReactNode {
  const inner = 'tokens' in token ? <Inline tokens={token.tokens ?? []} /> : null;
  switch (token.type) {
    case 'strong':
      return <strong>{inner}</strong>;
    case 'em':
      return <em>{inner}</em>;
    case 'br':
      return <br />;
    case 'codespan':
      return <Code>{(token as Tokens.Codespan).text}</Code>;
    case 'link':
      return <PageLink href={(token as Tokens.Link).href}>{inner}</PageLink>;
    default:
      return inner ?? ('text' in token ? (token.text as string) : token.raw);
  }
}

/** To a page of the console, or to the world in a tab of its own; anything else is only words. */
function PageLink({ href, children }: { href: string; children: ReactNode }) {
  if (href.startsWith('#'))
    return (
      <Anchor inherit href={href}>
        {children}
      </Anchor>
    );
  if (!/^(https:|mailto:)/.test(href)) return children;
  return (
    <Anchor inherit href={href} target="_blank" rel="noreferrer">
      {children}
    </Anchor>
  );
}
