import { Fragment } from 'react';
import { LadderDrawing } from './ladder-drawing.tsx';
import { parseLadderSketch } from './ladder-sketch.ts';
import { type Block, type Inline, parseMarkdown } from './markdown.ts';

/** A lesson's text. Its blocks never move or change, so their place is their key. */
export function LessonText({ text }: { readonly text: string }) {
  return (
    <div className="prose">
      {parseMarkdown(text).map((block, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: see above
        <BlockView key={i} block={block} />
      ))}
    </div>
  );
}

function BlockView({ block }: { readonly block: Block }) {
  switch (block.kind) {
    case 'heading': {
      const Heading = block.level <= 1 ? 'h2' : block.level === 2 ? 'h3' : 'h4';
      return (
        <Heading>
          <Inlines parts={block.inline} />
        </Heading>
      );
    }
    case 'paragraph':
      return (
        <p>
          <Inlines parts={block.inline} />
        </p>
      );
    case 'quote':
      return (
        <blockquote>
          <Inlines parts={block.inline} />
        </blockquote>
      );
    case 'code':
      return <Code block={block} />;
    case 'list': {
      const List = block.ordered ? 'ol' : 'ul';
      return (
        <List>
          {block.items.map((item, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: see above
            <li key={i}>
              <Inlines parts={item} />
            </li>
          ))}
        </List>
      );
    }
    case 'table':
      return (
        <table>
          <tbody>
            {block.rows.map((row, i) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: see above
              <tr key={i}>
                {row.map((cell, j) => {
                  const Cell = i === 0 ? 'th' : 'td';
                  return (
                    // biome-ignore lint/suspicious/noArrayIndexKey: see above
                    <Cell key={j}>
                      <Inlines parts={cell} />
                    </Cell>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      );
  }
}

function Code({ block }: { readonly block: Extract<Block, { kind: 'code' }> }) {
  const sketch = block.language === 'ladder' ? parseLadderSketch(block.text) : undefined;
  return sketch ? <LadderDrawing sketch={sketch} /> : <pre>{block.text}</pre>;
}

function Inlines({ parts }: { readonly parts: readonly Inline[] }) {
  return parts.map((part, i) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: see above
    <Fragment key={i}>
      <InlineView part={part} />
    </Fragment>
  ));
}

function InlineView({ part }: { readonly part: Inline }) {
  switch (part.kind) {
    case 'code':
      return <code>{part.text}</code>;
    case 'strong':
      return <strong>{part.text}</strong>;
    case 'em':
      return <em>{part.text}</em>;
    case 'link':
      return (
        <a href={part.href} target="_blank" rel="noreferrer">
          {part.text}
        </a>
      );
    default:
      return part.text;
  }
}
