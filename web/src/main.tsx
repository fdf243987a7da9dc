import { QueryClientProvider } from '@tanstack/react-query'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { createClient } from './api/queries'
import { Page } from './page'
import { applyTheme } from './shell/theme'
import './styles/tokens.css'
import './styles/base.css'
import './styles/shell.css'
import './styles/account.css'
import './styles/banners.css'
import './styles/parts.css'
import './styles/dialog.css'
import './styles/lists.css'
import './styles/upgrade.css'
import './styles/more-views.css'

applyTheme()
const root = document.getElementById('page')
if (!root) throw new Error('index.html has no place for the page')
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={createClient()}>
      <Page />
    </QueryClientProvider>
  </StrictMode>,
)
