import type { ReactNode } from 'react';
import { Icon, type IconName } from './icon.tsx';

interface EmptyStateProps {
  readonly icon: IconName;
  readonly title: string;
  /** What this panel shows, for someone who never saw it full. */
  readonly children: ReactNode;
  /** The one button that makes it show something. */
  readonly action?: { readonly label: string; readonly run: () => void };
}

export function EmptyState({ icon, title, children, action }: EmptyStateProps) {
  return (
    <div className="empty">
      <div className="empty-mark">
        <Icon name={icon} size={22} />
      </div>
      <h3>{title}</h3>
      <p>{children}</p>
      {action && (
        <button type="button" className="button" onClick={action.run}>
          {action.label}
        </button>
      )}
    </div>
  );
}
