/** Light or dark: as the machine has it, unless chosen here. */
export const themes = ['auto', 'light', 'dark'] as const
export type Theme = (typeof themes)[number]

const key = 'refit-theme'

export function chosenTheme(): Theme {
  try {
    const kept = localStorage.getItem(key)
    return themes.find((each) => each === kept) ?? 'auto'
  } catch {
    return 'auto'
  }
}

/** Shows the chosen theme, and keeps it when a new one is given. */
export function applyTheme(theme = chosenTheme()): void {
  if (theme === 'auto') delete document.documentElement.dataset.theme
  else document.documentElement.dataset.theme = theme
  try {
    localStorage.setItem(key, theme)
  } catch {
    // A browser that keeps nothing asks again the next time.
  }
}
