/** What is used of pdfmake. Its own types bring the browser's with them, which changes what other files mean. */
declare module 'pdfmake' {
  namespace pdfmake {
    type Margin = [left: number, top: number, right: number, bottom: number];
    interface Look {
      font?: string;
      fontSize?: number;
      lineHeight?: number;
      bold?: boolean;
      color?: string;
      margin?: Margin;
      alignment?: 'right';
      style?: string;
    }
    type Content = string | Text | List | Columns | Table;
    type Text = Look & { text: string; width?: '*' | 'auto' };
    type List = Look & { ul: string[] };
    type Columns = Look & { columns: Text[] };
    type Table = Look & {
      layout: string;
      table: { headerRows: number; widths: string[]; body: Content[][] };
    };
    interface Definition {
      pageSize: string;
      pageMargins: Margin;
      language: string;
      info: { title: string; creator: string };
      defaultStyle: Look;
      styles: Record<string, Look>;
      footer: (page: number, pages: number) => Content;
      pageBreakBefore: (
        node: { style?: string },
        around: { getFollowingNodesOnPage: () => unknown[] },
      ) => boolean;
      content: Content[];
    }
  }
  const pdfmake: {
    setFonts(fonts: Record<string, { normal: string; bold: string }>): void;
    setUrlAccessPolicy(allowed: (url: string) => boolean): void;
    setLocalAccessPolicy(allowed: (path: string) => boolean): void;
    createPdf(definition: pdfmake.Definition): { getBuffer(): Promise<Buffer> };
  };
  export = pdfmake;
}
