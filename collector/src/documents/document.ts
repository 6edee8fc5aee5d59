/** One point of a list; with `done` it is a task with a box in front of it. */
export interface Item {
  readonly text: string;
  readonly done?: boolean;
}

/** A part of a document. */
export type Block =
  | { readonly kind: 'heading'; readonly text: string }
  /** What a person wrote, in paragraphs; it may use Markdown. */
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'list'; readonly items: readonly Item[] }
  /** Numbers stand to the right. */
  | {
      readonly kind: 'table';
      readonly columns: readonly string[];
      readonly rows: readonly (readonly (string | number)[])[];
    };

/** What people read on paper or keep in a file; the writers (`markdown.ts`, `pdf.ts`) say the same. */
export interface Document {
  readonly title: string;
  /** One line below the title, such as a span of time with its zone. */
  readonly subtitle: string;
  readonly language: 'en' | 'vi';
  readonly blocks: readonly Block[];
}
