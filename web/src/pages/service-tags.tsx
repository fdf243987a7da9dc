import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { explanation } from '../api/queries'
import { Asked } from '../ui/asked'
import { Chip, Empty, Panel } from '../ui/parts'
import type { Tone } from '../ui/tone'

const portion = 50

const tones: Readonly<Record<string, Tone>> = { chosen: 'info', running: 'good', quarantined: 'bad', rejected: 'bad' }

/** Why each tag is offered or not. */
export function TagsPanel({ namespace, name }: { namespace: string; name: string }) {
  const query = useQuery(explanation(namespace, name))
  const [count, setCount] = useState(portion)
  return (
    <Panel title="Every tag, and why">
      <Asked query={query} what="the reasons">
        {({ tags }) =>
          tags.length === 0 ? (
            <Empty title="No tag is known.">
              <p>The reason above says why; the next scan that reads its registry brings them.</p>
            </Empty>
          ) : (
            <>
              <ul className="tags">
                {tags.slice(0, count).map(({ tag, verdict, reason }) => (
                  <li key={tag}>
                    <span className="tag">{tag}</span>
                    <Chip tone={tones[verdict] ?? 'quiet'}>{verdict}</Chip>
                    <span className="muted">{reason}</span>
                  </li>
                ))}
              </ul>
              {tags.length > count && (
                <button type="button" onClick={() => setCount(count + 4 * portion)}>
                  Show more of {tags.length}
                </button>
              )}
            </>
          )
        }
      </Asked>
    </Panel>
  )
}
