import type { Registry } from '../clients/contracts'
import { verifySignatures } from '../clients/signatures/verify'
import type { Policy } from '../domain/policy'
import { pullSecretsOf, type Service } from '../domain/service'
import type { SignatureVerdict } from '../domain/signature'

interface Asking {
  policy: Policy | undefined
  service: Service
  digest: string
  signal?: AbortSignal | undefined
}

/**
 * Whether a digest is signed as the policy's `signatures` say, by what lies in its registry now. Undefined where the
 * policy asks for none. Throws REGISTRY_* where that can't be read: it is not known then, and not unsigned.
 */
export async function signatureOf(
  registry: Pick<Registry, 'signatures'>,
  { policy, service, digest, signal }: Asking,
): Promise<SignatureVerdict | undefined> {
  const rules = policy?.signatures
  if (!rules?.length) return undefined
  const found = await registry.signatures(service.repository, digest, {
    ...(signal ? { signal } : {}),
    pullSecrets: pullSecretsOf(service),
  })
  return verifySignatures(found, { digest, rules })
}

/** Why a digest may not be rolled out; undefined where it may. */
export async function unsignedWords(
  registry: Pick<Registry, 'signatures'>,
  asking: Asking & { tag: string },
): Promise<string | undefined> {
  const verdict = await signatureOf(registry, asking)
  return verdict?.kind === 'held' ? `${asking.tag} ${verdict.reason}. ${howToSign}` : undefined
}

export const howToSign =
  'Have its publisher sign it (cosign sign), or correct signatures in refit.yaml; the next scan looks again.'
