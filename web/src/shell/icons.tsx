/** Drawn by hand, so that nothing is loaded for them; always beside a word. */
import type { ReactNode } from 'react'

const Icon = ({ children }: { children: ReactNode }) => (
  <svg className="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
    {children}
  </svg>
)

export const icons = {
  overview: (
    <Icon>
      <path d="M4 13h6V4H4zM14 20h6v-9h-6zM4 20h6v-4H4zM14 8h6V4h-6z" />
    </Icon>
  ),
  history: (
    <Icon>
      <path d="M4 12a8 8 0 1 0 2.5-5.8M4 4v4h4M12 8v4l3 2" />
    </Icon>
  ),
  calendar: (
    <Icon>
      <path d="M4 6h16v14H4zM4 10h16M8 3v4M16 3v4" />
    </Icon>
  ),
  releases: (
    <Icon>
      <path d="M4 7l8-4 8 4-8 4zM4 12l8 4 8-4M4 17l8 4 8-4" />
    </Icon>
  ),
  registries: (
    <Icon>
      <path d="M5 5h14v5H5zM5 14h14v5H5zM8 7.5h.01M8 16.5h.01" />
    </Icon>
  ),
  quarantine: (
    <Icon>
      <path d="M12 3l8 3v6c0 4.500-3.300 7.600-8 9-4.700-1.400-8-4.500-8-9V6zM9 9l6 6M15 9l-6 6" />
    </Icon>
  ),
  settings: (
    <Icon>
      <path d="M4 7h9M17 7h3M4 17h3M11 17h9M15 5v4M9 15v4" />
    </Icon>
  ),
} as const
